import type { RightsHours, RightsScope } from '@/api/types'
import { t } from '@/i18n'
import { f } from '@/i18n/use'
import { siteName, zoneName } from '@/live/places'

/** The days of a week as the server writes them, from Monday. */
export const weekDays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** The whole property, always. */
export const noLimit = (): RightsScope => ({ sites: [], zones: [], hours: [] })

/** A copy that can be changed without changing what it was made of. */
export const copyOf = (s: RightsScope): RightsScope => ({
  sites: [...(s.sites ?? [])],
  zones: [...(s.zones ?? [])],
  hours: (s.hours ?? []).map((h) => ({ ...h, days: [...(h.days ?? [])] })),
})

/** True for somebody who is limited to a part of the property. */
export const isPart = (s: RightsScope): boolean => (s.sites?.length ?? 0) + (s.zones?.length ?? 0) > 0

/** Hours in words: Mon, Tue 22:00–06:00. */
export const hoursWords = (h: RightsHours): string => {
  const days = weekDays.flatMap((d, i) => (h.days?.includes(d) ? [f.weekday(i + 1)] : []))
  return `${days.join(t('people.comma'))} ${h.from}–${h.to}`
}

/** Where and when rights hold, in words. */
export function scopeWords(s: RightsScope): string {
  const places = [...(s.sites ?? []).map(siteName), ...(s.zones ?? []).map(zoneName)]
  const where = places.length ? places.join(t('people.comma')) : t('people.everywhere')
  const hours = (s.hours ?? []).map(hoursWords)
  return hours.length ? `${where} · ${hours.join(t('people.comma'))}` : where
}

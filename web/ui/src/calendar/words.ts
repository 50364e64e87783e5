import type { CalendarDay, DayLayer } from '@/api/types'
import { language, t, tc } from '@/i18n'
import { f } from '@/i18n/use'

export const kinds = ['workday', 'rest', 'holiday'] as const

/** The name of a day: published ones have one in English, too. */
export const nameOf = (l: DayLayer): string => (language.value === 'en' && l.english ? l.english : l.name)

/** What a layer says: Holiday · Labour Day. */
export const layerWords = (l: DayLayer): string => [tc('calendar.kinds', l.kind), nameOf(l)].filter(Boolean).join(' · ')

/** A day with what it is, for whoever does not see it: Sat, 9 May 2026: Workday · make-up. */
export const dayWords = (d: CalendarDay): string =>
  t('common.colon', { label: f.civilDay(d.day), value: layerWords(d) })

import type { PassageHours, StatisticsDay } from '@/api/types'
import { largest, type Chart, type Point, type Series } from '@/charts/chart'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { causeWord } from '@/wall/words'

// The charts of a site's days, and of a device's.

/** Causes that a chart names; the others are one. */
const mostCauses = 5

const points = (days: readonly StatisticsDay[]): Point[] =>
  days.map((d) => ({ key: d.day, label: f.civilDay(d.day), tick: d.day.slice(5) }))

const direction = (d: string) => (d ? tc('device.directionLong', d) : t('statistics.passages'))

/** The directions that passages have, in and out first. */
function directions(all: readonly PassageHours[]): string[] {
  const rank = (d: string) => ['in', 'out'].indexOf(d) >>> 0
  return [...new Set(all.map((h) => h.direction))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((all, n) => all + n, 0)
const of = (all: readonly PassageHours[], d: string) => all.filter((h) => h.direction === d)

/** Granted passages by hour of the day, all days together. */
export function passagesByHour(days: readonly StatisticsDay[]): Chart {
  const all = days.flatMap((d) => d.hours)
  const hours = Array.from({ length: 24 }, (_, hour) => hour)
  return {
    kind: 'bars',
    over: t('statistics.hour'),
    points: hours.map((hour) => {
      const words = `${String(hour).padStart(2, '0')}:00`
      return { key: words, label: words, tick: words }
    }),
    series: directions(all).map((d) => ({
      name: direction(d),
      values: hours.map((hour) => sumOf(of(all, d).map((h) => h.hours[hour] ?? 0))),
    })),
    words: f.number,
  }
}

/** Granted passages of each day. */
export function passagesByDay(days: readonly StatisticsDay[]): Chart {
  return {
    kind: 'bars',
    over: t('common.day'),
    points: points(days),
    series: directions(days.flatMap((d) => d.hours)).map((d) => ({
      name: direction(d),
      values: days.map((day) => sumOf(of(day.hours, d).flatMap((h) => h.hours))),
    })),
    words: f.number,
  }
}

/** How long orders took on each day: half of them, and 95 of 100. */
export function responseByDay(days: readonly StatisticsDay[]): Chart {
  return {
    kind: 'lines',
    over: t('common.day'),
    points: points(days),
    series: [
      { name: t('statistics.half'), values: days.map((d) => d.confirmed.p50Ms) },
      { name: t('statistics.most'), values: days.map((d) => d.confirmed.p95Ms) },
    ],
    unit: 'ms',
    words: f.lasted,
  }
}

const percent = (part: number) => Math.floor(part * 10_000 + 1e-9) / 100
const percentWords = (n: number) => f.share(n / 100)

/** In percent of the time of each day that is known. */
export function availabilityByDay(days: readonly StatisticsDay[]): Chart {
  return {
    kind: 'lines',
    over: t('common.day'),
    points: points(days),
    series: [
      {
        name: t('statistics.online'),
        values: days.map((d) => (d.availability.share === null ? null : percent(d.availability.share))),
      },
    ],
    unit: '%',
    most: 100,
    words: percentWords,
  }
}

/** What is missing to 100 % on each day, by its cause. */
export function missingByDay(days: readonly StatisticsDay[]): Chart {
  const causes = [...new Set(days.flatMap((d) => d.lost.map((l) => l.cause)))].sort()
  const part = (d: StatisticsDay, ms: number) => (100 * ms) / Math.max(1, d.availability.upMs + d.availability.downMs)
  const series: Series[] = causes.map((cause) => ({
    name: causeWord(cause),
    values: days.map((d) => part(d, sumOf(d.lost.filter((l) => l.cause === cause).map((l) => l.ms)))),
  }))
  const rounded = (v: number) => Math.round(v * 10_000) / 10_000
  return {
    kind: 'stack',
    over: t('common.day'),
    points: points(days),
    series: largest(merged(series), mostCauses, t('charts.others')).map((s) => ({
      ...s,
      values: s.values.map((v) => rounded(v ?? 0)),
    })),
    unit: '%',
    words: (n) => f.part(n / 100),
  }
}

/** Causes that people are told by the same words are one. */
function merged(all: readonly Series[]): Series[] {
  const byName = new Map<string, Series>()
  for (const s of all) {
    const same = byName.get(s.name)
    byName.set(s.name, same ? { ...s, values: s.values.map((v, i) => (v ?? 0) + (same.values[i] ?? 0)) } : s)
  }
  return [...byName.values()]
}

import type { CalendarDay } from '@/api/types'

/** The first and the last year that a calendar has. */
export const years = { first: 2000, last: 2099 } as const

/** The year that an address names, or another one if it names none. */
export function yearIn(text: string, other: number): number {
  const year = /^\d{4}$/.test(text) ? Number(text) : other
  return Math.min(Math.max(year, years.first), years.last)
}

/** Where the last day of a month stands, YYYY-MM. */
const lastOf = (days: readonly CalendarDay[], month: string): number =>
  days.reduce((last, d, i) => (d.day.startsWith(month) ? i : last), -1)

/** 0 = Monday … 6 = Sunday. */
const weekdayOf = (day: string): number => (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7

export interface Month {
  /** 1 to 12. */
  month: number
  /** Monday to Sunday; null: a day of another month. */
  weeks: (CalendarDay | null)[][]
}

/** Days of one year, in order, as months of weeks. */
export function monthsOf(days: readonly CalendarDay[]): Month[] {
  const months: Month[] = []
  for (const d of days) {
    const month = Number(d.day.slice(5, 7))
    let last = months.at(-1)
    if (last?.month !== month) months.push((last = { month, weeks: [] }))
    const at = weekdayOf(d.day)
    if (last.weeks.length === 0 || at === 0) last.weeks.push(Array<null>(7).fill(null))
    last.weeks.at(-1)![at] = d
  }
  return months
}

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }

/**
 * The place in a list of days that a key leads to: a day or a week on or back, the begin or the end of the month, the
 * same day of the month before or after. Undefined: the key leads nowhere.
 */
export function keyTo(days: readonly CalendarDay[], at: number, key: string): number | undefined {
  const here = days[at]
  if (!here) return undefined
  const month = here.day.slice(0, 7)
  const inside = (i: number) => Math.min(Math.max(i, 0), days.length - 1)
  if (key in steps) return inside(at + steps[key]!)
  const first = days.findIndex((d) => d.day.startsWith(month))
  const last = lastOf(days, month)
  const offset = at - first
  switch (key) {
    case 'Home':
      return first
    case 'End':
      return last
    case 'PageUp':
    case 'PageDown': {
      const edge = inside(key === 'PageUp' ? first - 1 : last + 1)
      const there = days[edge]!.day.slice(0, 7)
      if (there === month) return at
      const from = days.findIndex((d) => d.day.startsWith(there))
      return Math.min(from + offset, lastOf(days, there))
    }
  }
  return undefined
}

/** True for a day that is not what its weekday says. */
export const special = (d: CalendarDay): boolean => d.source !== 'weekday'

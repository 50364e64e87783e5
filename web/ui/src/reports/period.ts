import { plusDays } from '@/statistics/days'

/** What a report may be of: a week from Monday, or a month of the calendar. */
export const periods = ['week', 'month'] as const
export type Period = (typeof periods)[number]

/** The first and the last day of the week or month that a day is in, YYYY-MM-DD. */
export function daysOf(period: Period, day: string): { first: string; last: string } {
  if (period === 'week') {
    const sinceMonday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7
    const first = plusDays(day, -sinceMonday)
    return { first, last: plusDays(first, 6) }
  }
  const first = `${day.slice(0, 7)}-01`
  const next = `${plusDays(first, 31).slice(0, 7)}-01`
  return { first, last: plusDays(next, -1) }
}

/** A day in the week or month before that of a day, or after it. */
export function beside(period: Period, day: string, later: boolean): string {
  const { first, last } = daysOf(period, day)
  return later ? plusDays(last, 1) : daysOf(period, plusDays(first, -1)).first
}

/** A day as an address has it; undefined: it is none. */
export function dayOf(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined
  const at = new Date(`${text}T12:00:00Z`)
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text ? undefined : text
}

import type { CalendarDay, Timetable, TimetablePeriod } from '@/api/types'
import { columnOf, minutesOf } from './week'

/** The minute of the day in a time zone. */
function minuteIn(timeZone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', hour: 'numeric', minute: 'numeric' })
    .formatToParts(at)
    .map((p) => [p.type, Number(p.value)] as const)
  const { hour = 0, minute = 0 } = Object.fromEntries(parts)
  return hour * 60 + minute
}

/**
 * The period that a timetable has now and does not hold, because its beginning was skipped: it can be begun. The server
 * decides again.
 */
export function unheld(t: Timetable, today: CalendarDay | undefined, at: number): TimetablePeriod | undefined {
  const paused = t.paused && (!t.pausedUntil || Date.parse(t.pausedUntil) > at)
  if (t.now || paused || !today) return undefined
  const exception = t.exceptions.find((e) => e.day === today.day)
  const periods = exception ? exception.periods : (t.week[columnOf(today.day, today.kind)] ?? [])
  const minute = minuteIn(t.timeZone, at)
  return periods.find((p) => minutesOf(p.from)! <= minute && minute < minutesOf(p.to)!)
}

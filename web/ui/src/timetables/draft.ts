import { asProblem } from '@/api/problem'
import type { Timetable, TimetableRequest, TimetableTarget } from '@/api/types'
import { zoneOf } from '@/live/places'
import { devices } from '@/live/state'
import {
  columns,
  copied,
  emptyWeek,
  faultOf,
  periodsOf,
  sentPeriods,
  sentWeek,
  weekOf,
  type Period,
  type Week,
} from './week'

/** A day with periods of its own, as it is typed. */
export interface ExceptionDay {
  /** Of the form alone. */
  key: number
  day: string
  name: string
  periods: Period[]
}

/** A timetable as it is typed. */
export interface Form {
  name: string
  targets: TimetableTarget[]
  week: Week
  exceptions: ExceptionDay[]
  late: TimetableRequest['late']
  /** Minutes; a timetable that came from elsewhere may have parts of one. */
  skipLate: number
  /** Seconds; 0: every opening at once. */
  jitter: number
  /** Minutes; 0: no check. */
  check: number
}

export const emptyForm = (): Form => ({
  name: '',
  targets: [],
  week: emptyWeek(),
  exceptions: [],
  late: 'skip',
  skipLate: 5,
  jitter: 0,
  check: 2,
})

let keys = 0

export const exceptionDay = (day: string, name = '', periods: Period[] = []): ExceptionDay => ({
  key: ++keys,
  day,
  name,
  periods: copied(periods),
})

export const formOf = (t: Timetable): Form => ({
  name: t.name,
  targets: t.targets.map((x) => ({ ...x })),
  week: weekOf(t.week),
  exceptions: t.exceptions.map((e) => exceptionDay(e.day, e.name, periodsOf(e.periods))),
  late: t.late,
  skipLate: t.skipLateSeconds / 60,
  jitter: t.jitterSeconds,
  check: t.checkMinutes,
})

/** A form as the server takes it, everything at its place: errors name places. */
export const requestOf = (form: Form): TimetableRequest => ({
  name: form.name.trim(),
  targets: form.targets,
  week: sentWeek(form.week),
  exceptions: form.exceptions.map((e) => ({ day: e.day, name: e.name.trim(), periods: sentPeriods(e.periods) })),
  late: form.late,
  skipLateSeconds: Math.round(form.skipLate * 60),
  jitterSeconds: form.jitter,
  checkMinutes: form.check,
})

/** Whether a form has what a preview needs: something that it covers, and no time that is seen to be wrong. */
export function askable(form: Form): boolean {
  const days = [...columns.map((c) => form.week[c]), ...form.exceptions.map((e) => e.periods)]
  return (
    form.targets.length > 0 &&
    days.some((d) => d.length > 0) &&
    days.every((d) => d.every((p) => !faultOf(p, d))) &&
    form.exceptions.every((e) => e.day !== '') &&
    [form.skipLate, form.jitter, form.check].every((n) => Number.isFinite(n))
  )
}

/** The site that a target is of, if it is known here. */
export const siteOfTarget = (x: TimetableTarget | undefined): string =>
  x?.site ?? zoneOf(x?.zone)?.site ?? devices.get(x?.device ?? '')?.site ?? ''

/** What the server found wrong, by the field that it names: week.monday[0].to, wherever in the request that stood. */
export function wrongOf(...errors: unknown[]): (field: string) => string {
  const said = new Map<string, string>()
  for (const err of errors)
    for (const f of err ? asProblem(err).fields : []) {
      const field = f.location?.replace(/^body\.(timetable\.)?/, '') ?? ''
      if (!said.has(field)) said.set(field, f.message ?? '')
    }
  return (field) => said.get(field) ?? ''
}

import type { TimetablePeriod, TimetableWeek } from '@/api/types'
import { weekDays } from '@/people/scope'

// The week grid in numbers. Minutes are those of a day by the clock on the wall, 0 to 1,440.

/** The columns of the grid, in its order. */
export const columns = [...weekDays, 'make_up', 'rest', 'holiday'] as const
export type Column = (typeof columns)[number]

/** Columns that are meant together. */
export const groups = {
  workdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'make_up'],
  rests: ['saturday', 'sunday', 'rest'],
  all: columns,
} as const satisfies Record<string, readonly Column[]>
export type Group = keyof typeof groups

export type PeriodMode = TimetablePeriod['mode']

/** A period as it is typed: its times may be wrong. */
export interface Period {
  /** Of the form alone: tells periods apart while their times change. */
  key: number
  from: string
  to: string
  mode: PeriodMode
  firstArrival: boolean
}

export type Week = Record<Column, Period[]>

export const endOfDay = 1_440
/** What a pointer can point at, in minutes. */
export const step = 15

let keys = 0

export const period = (from: string, to: string, mode: PeriodMode, firstArrival = false): Period => ({
  key: ++keys,
  from,
  to,
  mode,
  firstArrival: firstArrival && mode === 'held_open',
})

/** The same periods, apart from what they were made of. */
export const copied = (list: readonly Period[]): Period[] =>
  list.map((p) => period(p.from, p.to, p.mode, p.firstArrival))

export const emptyWeek = (): Week => Object.fromEntries(columns.map((c) => [c, [] as Period[]])) as Week

/** A week of the server as the form has it. */
export function weekOf(w: TimetableWeek): Week {
  const week = emptyWeek()
  for (const c of columns) week[c] = periodsOf(w[c] ?? [])
  return week
}

export const periodsOf = (list: readonly TimetablePeriod[]): Period[] =>
  list.map((p) => period(p.from, p.to, p.mode, p.firstArrival))

/** A time with two digits for its hour, however it was typed; what is no time stays as it is. */
function sentClock(text: string): string {
  const minutes = minutesOf(text)
  return minutes === undefined ? text.trim() : clockOf(minutes)
}

/** Periods as the server takes them, each at its place. */
export const sentPeriods = (list: readonly Period[]): TimetablePeriod[] =>
  list.map((p) => ({
    from: sentClock(p.from),
    to: sentClock(p.to),
    mode: p.mode,
    firstArrival: p.mode === 'held_open' && p.firstArrival,
  }))

export function sentWeek(week: Week): TimetableWeek {
  return Object.fromEntries(columns.filter((c) => week[c].length).map((c) => [c, sentPeriods(week[c])]))
}

/** Minutes of HH:MM, to 24:00; undefined if it is no time. */
export function minutesOf(text: string): number | undefined {
  const m = /^(\d{1,2}):([0-5]\d)$/.exec(text.trim())
  if (!m) return undefined
  const minutes = Number(m[1]) * 60 + Number(m[2])
  return minutes <= endOfDay ? minutes : undefined
}

/** HH:MM of minutes. */
export const clockOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** A period that can be drawn. */
export interface Block {
  from: number
  to: number
}

/** Where a period lies; undefined while its times are none. */
export function blockOf(p: Pick<Period, 'from' | 'to'>): Block | undefined {
  const from = minutesOf(p.from)
  const to = minutesOf(p.to)
  return from !== undefined && to !== undefined && from < to ? { from, to } : undefined
}

/** The minute at a share of the height of a day, on the grid. */
export const minuteAt = (share: number): number =>
  Math.min(Math.max(Math.round((share * endOfDay) / step) * step, 0), endOfDay)

const overlap = (a: Block, b: Block): boolean => a.from < b.to && b.from < a.to

/** What is done to a block: it is made, moved, or one of its ends is. */
export type Act = 'draw' | 'move' | 'from' | 'to'

/**
 * What becomes of a block that a pointer took hold of at one minute and brings to another, beside others of its day.
 * A new or changed end stops where the next block is; a block that is moved onto another one is refused (undefined).
 */
export function dragged(
  act: Act,
  block: Block,
  start: number,
  at: number,
  others: readonly Block[],
): Block | undefined {
  if (act === 'move') {
    const length = block.to - block.from
    const from = Math.min(Math.max(block.from + at - start, 0), endOfDay - length)
    const moved = { from, to: from + length }
    return others.some((o) => overlap(moved, o)) ? undefined : moved
  }
  const anchor = act === 'from' ? block.to : act === 'to' ? block.from : start
  const [low, high] = room(anchor, act === 'from' || at < anchor, others)
  const end = Math.min(Math.max(at, low), high)
  const drawn = { from: Math.min(anchor, end), to: Math.max(anchor, end) }
  if (act === 'from') drawn.to = anchor
  if (act === 'to') drawn.from = anchor
  return drawn.to - drawn.from >= step ? drawn : undefined
}

/** From where to where there is no other block, upwards or downwards of a minute. */
function room(anchor: number, up: boolean, others: readonly Block[]): [low: number, high: number] {
  if (up) return [Math.max(0, ...others.filter((o) => o.to <= anchor).map((o) => o.to)), anchor]
  return [anchor, Math.min(endOfDay, ...others.filter((o) => o.from >= anchor).map((o) => o.from))]
}

/** A free hour of a day for a new period, or less; undefined if the day is full. */
export function freeHour(others: readonly Block[], after = 8 * 60): Block | undefined {
  for (const first of [after, 0]) {
    for (let from = first; from < endOfDay; from += step) {
      const [, high] = room(from, false, others)
      const to = Math.min(from + 60, high)
      const found = { from, to }
      if (to - from >= step && !others.some((o) => overlap(found, o))) return found
    }
  }
  return undefined
}

/** Puts the periods of a day into others, in place of what they have. */
export function copyTo(week: Week, from: Column, to: readonly Column[]): void {
  for (const c of to) if (c !== from) week[c] = copied(week[from])
}

/** The whole week in one step: one period on the days of a group, nothing on the others. */
export function quickWeek(from: string, to: string, mode: PeriodMode, group: Group): Week {
  const week = emptyWeek()
  for (const c of groups[group]) week[c] = [period(from, to, mode)]
  return week
}

/** The column whose periods count on a day that the calendar says is of a kind: as the server has it. */
export function columnOf(day: string, kind: 'workday' | 'rest' | 'holiday'): Column {
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7
  const weekend = weekday > 4
  if (kind === 'holiday') return 'holiday'
  if (kind === 'workday' && weekend) return 'make_up'
  if (kind === 'rest' && !weekend) return 'rest'
  return weekDays[weekday]!
}

export type PeriodFault = 'from' | 'to' | 'order' | 'overlap'

/** What is wrong with a period of a day, before the server is asked; undefined: nothing that can be seen here. */
export function faultOf(p: Period, day: readonly Period[]): PeriodFault | undefined {
  const from = minutesOf(p.from)
  const to = minutesOf(p.to)
  if (from === undefined || from === endOfDay) return 'from'
  if (to === undefined) return 'to'
  if (to <= from) return 'order'
  const over = day.some((o) => {
    const b = o.key !== p.key && blockOf(o)
    return b && overlap({ from, to }, b)
  })
  return over ? 'overlap' : undefined
}

import type { Language } from './index'

// Everything that a person reads as number, money or time goes through Intl, in the language of the page. Formatters
// are costly to make and are kept.

const kept = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>()

function dates(l: Language, o: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${l}${JSON.stringify(o)}`
  let f = kept.get(key)
  if (!f) kept.set(key, (f = new Intl.DateTimeFormat(l === 'en' ? 'en-GB' : l, { hourCycle: 'h23', ...o })))
  return f as Intl.DateTimeFormat
}

function numbers(l: Language, o: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${l}${JSON.stringify(o)}`
  let f = kept.get(key)
  if (!f) kept.set(key, (f = new Intl.NumberFormat(l, o)))
  return f as Intl.NumberFormat
}

type When = string | number | Date

/** 2026-11-21 14:03:22, in the given time zone or the browser's. */
export function dateTime(l: Language, at: When, timeZone?: string): string {
  return dates(l, {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(at))
}

/** Weekday, date and minute: for times to come. */
export function dayTime(l: Language, at: When, timeZone?: string): string {
  return dates(l, {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(at))
}

/** Weekday and date of a day of the calendar, YYYY-MM-DD, which is the same in every time zone. */
export function civilDay(l: Language, day: string): string {
  return dates(l, { timeZone: 'UTC', weekday: 'short', year: 'numeric', month: 'long', day: 'numeric' }).format(
    new Date(`${day}T12:00:00Z`),
  )
}

/** 1 = January … 12 = December, as a word. */
export function month(l: Language, n: number): string {
  return dates(l, { timeZone: 'UTC', month: 'long' }).format(new Date(Date.UTC(2024, n - 1, 15)))
}

/** 14:03:22 */
export function clock(l: Language, at: When, timeZone?: string): string {
  return dates(l, { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at))
}

/** 14:03:22.123: for the steps of a command. */
export function clockMs(l: Language, at: When, timeZone?: string): string {
  return dates(l, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  }).format(new Date(at))
}

export function number(l: Language, n: number): string {
  return numbers(l, {}).format(n)
}

const sizes: readonly [Intl.NumberFormatOptions['unit'], number][] = [
  ['gigabyte', 1e9],
  ['megabyte', 1e6],
  ['kilobyte', 1e3],
  ['byte', 1],
]

/** A size in its largest unit, of 1,000: 340 B, 2.1 kB, 16 MB. */
export function bytes(l: Language, n: number): string {
  const [unit, of] = sizes.find(([, u]) => n >= u) ?? sizes.at(-1)!
  if (unit === 'byte') return `${number(l, n)}\u00a0B` // what Intl says of it in English is "1 byte" and "47 byte"
  return numbers(l, { style: 'unit', unit, unitDisplay: 'short', maximumSignificantDigits: n < 1e3 ? 3 : 2 }).format(
    n / of,
  )
}

/** Money from minor units (fen, cents), with as many digits as the currency has. An unknown currency shows its code. */
export function money(l: Language, amount: number, currency: string): string {
  if (!/^[A-Z]{3}$/.test(currency)) return `${number(l, amount)} ${currency}`.trim()
  const f = numbers(l, { style: 'currency', currency, currencyDisplay: l === 'en' ? 'code' : 'symbol' })
  const digits = f.resolvedOptions().maximumFractionDigits ?? 2
  return f.format(amount / 10 ** digits)
}

const units: readonly [Intl.NumberFormatOptions['unit'], number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** 340 ms */
export function milliseconds(l: Language, ms: number): string {
  return numbers(l, { style: 'unit', unit: 'millisecond', unitDisplay: 'short' }).format(ms)
}

/** A span of time in its largest unit: 12 s, 3 min, 5 h, 2 days. Below zero counts as zero. */
export function span(l: Language, ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [unit, size] = units.find(([, s]) => seconds >= s) ?? units[3]!
  return numbers(l, { style: 'unit', unit, unitDisplay: 'short' }).format(Math.floor(seconds / size))
}

/** 14:59, and 1:04:59 from an hour on: a time that runs down, or up, before somebody's eyes. Below zero counts as zero. */
export function countdown(_: Language, ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const two = (n: number): string => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** Seconds with one digit: for a wait that somebody watches. */
export function seconds(l: Language, ms: number): string {
  return numbers(l, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'short',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(Math.max(0, ms) / 1_000)
}

/** 1 = Monday … 7 = Sunday, as a word. */
export function weekday(l: Language, day: number): string {
  // 2024-01-01 was a Monday.
  return dates(l, { timeZone: 'UTC', weekday: 'short' }).format(new Date(Date.UTC(2024, 0, day)))
}

/** 99.98%: a part of one, rounded down, so that only all is 100%. */
export function share(l: Language, part: number): string {
  return numbers(l, { style: 'percent', maximumFractionDigits: 2 }).format(Math.floor(part * 10_000 + 1e-9) / 10_000)
}

/** 0.4%, 12%: a part of one, rounded to two digits that count, so that little is not nothing. */
export function part(l: Language, n: number): string {
  return numbers(l, { style: 'percent', maximumSignificantDigits: 2 }).format(n)
}

/** A short time as people compare it: 340 ms, 2.1 s, 3 min. */
export function lasted(l: Language, ms: number): string {
  if (ms < 1_000) return milliseconds(l, ms)
  return ms < 60_000 ? seconds(l, ms) : span(l, ms)
}

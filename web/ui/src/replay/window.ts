import { dayStart } from '@/i18n/zoned'

/** How much of time a replay shows, by the words of the address, in ms. */
export const spans = {
  '1m': 60_000,
  '5m': 5 * 60_000,
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '6h': 6 * 3_600_000,
  '12h': 12 * 3_600_000,
  '24h': 24 * 3_600_000,
} as const
export type Span = keyof typeof spans
export const isSpan = (s: string): s is Span => Object.hasOwn(spans, s)

/** A part of time in ms since 1970; to is not in it. */
export interface Window {
  from: number
  to: number
}

/** The part of time around a moment. */
export function around(at: number, span: Span): Window {
  const from = at - spans[span] / 2
  return { from, to: from + spans[span] }
}

/** How much of a replay up to now lies ahead, in ms: room for what is happening. */
const leadOf = (span: Span) => Math.min(spans[span] / 4, 5 * 60_000)

/** The middle of the part of time that ends a little after a moment. */
export const upTo = (now: number, span: Span): number => now + leadOf(span) - spans[span] / 2

/** The moment that an address names; the other one if it names none. */
export function momentOf(text: string, other: number): number {
  const at = Date.parse(text)
  return Number.isFinite(at) ? at : other
}

/** The middle of the night before a day (YYYY-MM-DD), of which 12 hours are from 20:00 to 08:00: 02:00. */
export function nightBefore(day: string, timeZone: string): number {
  return Date.parse(dayStart(day, timeZone)) + 2 * 3_600_000
}

/** Where a moment lies in a window, from 0 to 1. */
export const shareOf = (at: number, w: Window): number => Math.min(1, Math.max(0, (at - w.from) / (w.to - w.from)))

/** Marks of an axis: about so many round moments in a window. */
export function ticks(w: Window, most = 6): number[] {
  const steps = [10_000, 30_000, 60_000, 5 * 60_000, 15 * 60_000, 3_600_000, 2 * 3_600_000, 4 * 3_600_000]
  const step = steps.find((s) => (w.to - w.from) / s <= most) ?? steps.at(-1)!
  const all: number[] = []
  for (let at = Math.ceil(w.from / step) * step; at < w.to; at += step) all.push(at)
  return all
}

import type { Taking } from '@/api/types'
import { largest, type Chart } from '@/charts/chart'
import { t } from '@/i18n'
import { major } from '@/i18n/money'
import { f } from '@/i18n/use'
import { plusDays } from '@/statistics/days'

/** By what takings are added up. */
export const groupings = ['day', 'device', 'for'] as const
export type Grouping = (typeof groupings)[number]

/** A sum of takings: never of two currencies. */
export interface Sum {
  key: string
  name: string
  currency: string
  rows: number
  amount: number
}

/** Sums by day (the newest first), or by device or what for (the most first), each currency by itself. */
export function sumsBy(by: Grouping, takings: readonly Taking[]): Sum[] {
  const sums = new Map<string, Sum>()
  for (const x of takings) {
    const id = x[by]
    const key = JSON.stringify([id, x.currency])
    const name = by === 'device' ? x.deviceName || x.device : id
    const sum = sums.get(key) ?? { key, name, currency: x.currency, rows: 0, amount: 0 }
    sum.rows += x.rows
    sum.amount += x.amount
    sums.set(key, sum)
  }
  const order = (a: Sum, b: Sum) => (by === 'day' ? b.name.localeCompare(a.name) : b.amount - a.amount)
  return [...sums.values()].sort((a, b) => a.currency.localeCompare(b.currency) || order(a, b))
}

/** How long the bar of a sum is, from 0 to 1, beside the largest of its currency. What is below zero has none. */
export function shareOf(sum: Sum, among: readonly Sum[]): number {
  const most = Math.max(0, ...among.filter((s) => s.currency === sum.currency).map((s) => s.amount))
  return most > 0 ? Math.max(0, sum.amount) / most : 0
}

/** Lanes that a chart names; the others are one. */
const mostLanes = 6
/** Days between the first and the last, of which those without takings are drawn too. */
const mostDays = 400

/** What came in on each day in one currency, by lane. */
export function takingsByDay(takings: readonly Taking[], currency: string): Chart {
  const mine = takings.filter((x) => x.currency === currency)
  const days = daysOf(mine.map((x) => x.day))
  const lanes = new Map<string, { name: string; sums: Map<string, number> }>()
  for (const x of mine) {
    const lane = lanes.get(x.device) ?? { name: x.deviceName || x.device, sums: new Map<string, number>() }
    lane.sums.set(x.day, (lane.sums.get(x.day) ?? 0) + x.amount)
    lanes.set(x.device, lane)
  }
  const series = [...lanes.values()].map((l) => ({ name: l.name, values: days.map((d) => l.sums.get(d) ?? 0) }))
  return {
    kind: 'stack',
    over: t('common.day'),
    points: days.map((day) => ({ key: day, label: f.civilDay(day), tick: day.slice(5) })),
    series: largest(series, mostLanes, t('charts.others')),
    unit: currency,
    words: (v) => f.money(v, currency),
    cell: (v) => major(v, currency),
  }
}

/** Days in their order, with those between. */
function daysOf(days: readonly string[]): string[] {
  const known = [...new Set(days)].sort()
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last || plusDays(first, mostDays) < last) return known
  const all = [first]
  while (all.at(-1)! < last) all.push(plusDays(all.at(-1)!, 1))
  return all
}

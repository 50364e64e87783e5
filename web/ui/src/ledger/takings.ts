import type { Taking } from '@/api/types'

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

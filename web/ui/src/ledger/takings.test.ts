import { describe, expect, it } from 'vitest'
import type { Taking } from '@/api/types'
import { shareOf, sumsBy } from './takings'

const taking = (over: Partial<Taking>): Taking => ({
  day: '2026-11-21',
  site: 's1',
  device: 'g1',
  deviceName: 'Gate 1',
  for: 'parking',
  rows: 1,
  amount: 500,
  currency: 'CNY',
  ...over,
})
const all = [
  taking({}),
  taking({ day: '2026-11-20', amount: 100, rows: 2 }),
  taking({ device: 'g2', deviceName: 'Gate 2', amount: 700 }),
  taking({ currency: 'AUD', amount: 9 }),
  taking({ for: 'refund', amount: -300 }),
]

describe('takings', () => {
  it('are added up by day, by lane and by what for, and never over two currencies', () => {
    const brief = (by: Parameters<typeof sumsBy>[0]) =>
      sumsBy(by, all).map((s) => [s.name, s.currency, s.rows, s.amount])
    expect(brief('day')).toEqual([
      ['2026-11-21', 'AUD', 1, 9],
      ['2026-11-21', 'CNY', 3, 900],
      ['2026-11-20', 'CNY', 2, 100],
    ])
    expect(brief('device')).toEqual([
      ['Gate 1', 'AUD', 1, 9],
      ['Gate 2', 'CNY', 1, 700],
      ['Gate 1', 'CNY', 4, 300],
    ])
    expect(brief('for')).toEqual([
      ['parking', 'AUD', 1, 9],
      ['parking', 'CNY', 4, 1300],
      ['refund', 'CNY', 1, -300],
    ])
  })

  it('have bars beside the largest of their own currency', () => {
    const sums = sumsBy('for', all)
    expect(sums.map((s) => shareOf(s, sums))).toEqual([1, 1, 0])
  })
})

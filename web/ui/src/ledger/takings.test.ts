import { describe, expect, it } from 'vitest'
import type { Taking } from '@/api/types'
import { tableOf } from '@/charts/chart'
import { shareOf, sumsBy, takingsByDay } from './takings'

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

  it('by day have a series for each lane of one currency, and an empty day between is nothing', () => {
    const chart = takingsByDay([...all, taking({ day: '2026-11-18', amount: 50 })], 'CNY')
    expect(chart.points.map((p) => p.key)).toEqual(['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'])
    expect(chart.series).toEqual([
      { name: 'Gate 2', values: [0, 0, 0, 700] },
      { name: 'Gate 1', values: [50, 0, 100, 200] },
    ])
    expect(tableOf(chart).at(-1)!.slice(1)).toEqual([7, 2])
  })

  it('of more lanes than six have the rest as one, and lose no cent', () => {
    const many = Array.from({ length: 9 }, (_, i) =>
      taking({ device: `g${i}`, deviceName: `Gate ${i}`, amount: i + 1 }),
    )
    const chart = takingsByDay(many, 'CNY')
    expect(chart.series).toHaveLength(7)
    expect(chart.series.at(-1)).toEqual({ name: 'Others', values: [6] })
    expect(chart.series.reduce((sum, s) => sum + s.values[0]!, 0)).toBe(45)
  })
})

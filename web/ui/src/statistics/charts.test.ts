import { describe, expect, it } from 'vitest'
import type { StatisticsDay } from '@/api/types'
import { availabilityByDay, missingByDay, passagesByDay, passagesByHour, responseByDay } from './charts'

const hours = (at: Record<number, number>) => Array.from({ length: 24 }, (_, h) => at[h] ?? 0)
const day = (name: string, over: Partial<StatisticsDay> = {}): StatisticsDay => ({
  day: name,
  from: `${name}T00:00:00Z`,
  to: `${name}T23:00:00Z`,
  orders: 2,
  confirmed: { count: 2, p50Ms: 700, p95Ms: 1900, maxMs: 2000 },
  passages: 8,
  denied: 0,
  hours: [
    { direction: 'out', hours: hours({ 8: 3 }) },
    { direction: 'in', hours: hours({ 8: 4, 9: 1 }) },
  ],
  availability: { upMs: 900, downMs: 100, unknownMs: 50, share: 0.9, drops: 2, outages: 1 },
  lost: [
    { cause: 'connection lost', ms: 60 },
    { cause: 'keep-alive', ms: 40 },
  ],
  ...over,
})
const empty = day('2026-11-21', {
  confirmed: { count: 0, p50Ms: null, p95Ms: null, maxMs: null },
  passages: 0,
  hours: [],
  availability: { upMs: 0, downMs: 0, unknownMs: 1000, share: null, drops: 0, outages: 0 },
  lost: [],
})
const days = [day('2026-11-20'), empty]

describe('charts of days', () => {
  it('have every passage once, by hour and by day, entering first', () => {
    const byHour = passagesByHour(days)
    expect(byHour.series.map((s) => s.name)).toEqual(['Entering', 'Leaving'])
    expect(byHour.points).toHaveLength(24)
    expect(byHour.series.map((s) => [s.values[8], s.values[9]])).toEqual([
      [4, 1],
      [3, 0],
    ])
    expect(passagesByDay(days).series.map((s) => s.values)).toEqual([
      [5, 0],
      [3, 0],
    ])
  })

  it('have a gap where nothing was ordered or known, and not a 0', () => {
    expect(responseByDay(days).series.map((s) => s.values)).toEqual([
      [700, null],
      [1900, null],
    ])
    expect(availabilityByDay(days).series[0]!.values).toEqual([90, null])
  })

  it('tell of each day all that is missing to 100 %, by cause', () => {
    const chart = missingByDay(days)
    expect(chart.series).toEqual([
      { name: 'network connection lost', values: [6, 0] },
      { name: 'silent for too long', values: [4, 0] },
    ])
    const many = Array.from({ length: 9 }, (_, i) => ({ cause: `cause ${i}`, ms: 10 }))
    const all = missingByDay([day('2026-11-20', { lost: many })])
    expect(all.series).toHaveLength(6)
    expect(all.series.reduce((sum, s) => sum + s.values[0]!, 0)).toBeCloseTo(9)
  })
})

import { describe, expect, it } from 'vitest'
import { largest, linesAt, says, stepped, tableOf, type Chart } from './chart'
import { lookOf } from './looks'
import { floorOf, optionOf } from './option'

const chart = (over: Partial<Chart> = {}): Chart => ({
  kind: 'lines',
  over: 'Day',
  points: ['11-20', '11-21'].map((tick) => ({ key: tick, tick, label: `2026-${tick}` })),
  series: [
    { name: 'Half', values: [700, null] },
    { name: '95%', values: [1900, 0] },
  ],
  unit: 'ms',
  words: (v) => `${v} ms`,
  ...over,
})

describe('a chart', () => {
  it('is a table of the same numbers: what is missing is empty, and nothing is 0', () => {
    expect(tableOf(chart())).toEqual([
      ['Day', 'Half (ms)', '95% (ms)'],
      ['2026-11-20', 700, 1900],
      ['2026-11-21', '', 0],
    ])
    const fen = chart({ unit: '', cell: (v) => v / 100, series: [{ name: 'CNY', values: [150, null] }] })
    expect(tableOf(fen)).toEqual([
      ['Day', 'CNY'],
      ['2026-11-20', 1.5],
      ['2026-11-21', ''],
    ])
  })

  it('says at a point only what is known there', () => {
    expect(linesAt(chart(), 0)).toEqual(['Half  700 ms', '95%  1900 ms'])
    expect(linesAt(chart(), 1)).toEqual(['95%  0 ms'])
    expect(says(chart())).toBe(true)
    expect(says(chart({ series: [{ name: 'a', values: [0, null] }] }))).toBe(false)
  })

  it('adds up the smallest series, and loses nothing', () => {
    const series = [1, 40, 3, 20].map((n) => ({ name: `s${n}`, values: [n, n] }))
    expect(largest(series, 2, 'others')).toEqual([
      { name: 's40', values: [40, 40] },
      { name: 's20', values: [20, 20] },
      { name: 'others', values: [4, 4] },
    ])
    expect(largest(series, 4, 'others')).toHaveLength(4)
  })

  it('is walked through by keys and ends at its ends', () => {
    expect(stepped('ArrowLeft', 0, 5)).toBe(0)
    expect(stepped('ArrowRight', 1, 5)).toBe(2)
    expect(stepped('End', 1, 5)).toBe(4)
    expect(stepped('Home', 3, 5)).toBe(0)
    expect(stepped('x', 3, 5)).toBeUndefined()
  })

  it('tells its series apart without colour', () => {
    for (const how of ['lines', 'bars'] as const) {
      const seen = Array.from({ length: 7 }, (_, i) => lookOf(i)).map((l) =>
        JSON.stringify(how === 'lines' ? [l.dash, l.mark] : l.hatch),
      )
      expect(new Set(seen).size).toBe(7)
    }
  })

  it('has no gap drawn as nothing, no motion, and no HTML in what it shows at a point', () => {
    const o = optionOf(chart(), 'serif') as {
      animation: boolean
      series: { data: unknown[] }[]
      tooltip: { renderMode: string; formatter: (all: { dataIndex: number }[]) => string }
    }
    expect(o.animation).toBe(false)
    expect(o.series[0]!.data).toEqual([700, '-'])
    expect(o.tooltip.renderMode).toBe('richText')
    expect(o.tooltip.formatter([{ dataIndex: 1 }])).toBe('2026-11-21\n95%  0 ms')
  })

  it('begins at 0, or near the whole if all of it is near the whole', () => {
    const part = (...values: (number | null)[]) => floorOf(chart({ most: 100, series: [{ name: 'a', values }] }))
    expect(part(99.7, 100)).toBe(99)
    expect(part(100, 91, null)).toBe(90)
    expect(part(100, 12)).toBe(0)
    expect(part(100, 100)).toBe(99)
  })
})

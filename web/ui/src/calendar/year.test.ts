import { describe, expect, it } from 'vitest'
import type { CalendarDay } from '@/api/types'
import { keyTo, monthsOf, special, yearIn } from './year'

const day = (day: string, more: Partial<CalendarDay> = {}): CalendarDay => ({
  day,
  kind: 'workday',
  name: '',
  english: '',
  source: 'weekday',
  published: true,
  under: [],
  ...more,
})

const year = (y: number): CalendarDay[] => {
  const all: CalendarDay[] = []
  for (const at = new Date(Date.UTC(y, 0, 1)); at.getUTCFullYear() === y; at.setUTCDate(at.getUTCDate() + 1)) {
    all.push(day(at.toISOString().slice(0, 10)))
  }
  return all
}

describe('a year', () => {
  it('stands in twelve months of weeks that begin on Monday', () => {
    const months = monthsOf(year(2026))
    expect(months.map((m) => m.month)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(months[4]!.weeks[0]!.map((d) => d?.day.slice(8) ?? '')).toEqual(['', '', '', '', '01', '02', '03'])
    expect(months[1]!.weeks).toHaveLength(5)
    expect(months[5]!.weeks[0]![0]?.day).toBe('2026-06-01') // a Monday: no empty week before it
    expect(months.flatMap((m) => m.weeks.flat()).filter(Boolean)).toHaveLength(365)
    expect(
      monthsOf(year(2028))
        .flatMap((m) => m.weeks.flat())
        .filter(Boolean),
    ).toHaveLength(366)
    expect(monthsOf([])).toEqual([])
  })

  it('is walked with the keys, and not left', () => {
    const days = year(2026)
    const to = (from: string, key: string) =>
      days[
        keyTo(
          days,
          days.findIndex((d) => d.day === from),
          key,
        ) ?? -1
      ]?.day
    expect(to('2026-05-09', 'ArrowRight')).toBe('2026-05-10')
    expect(to('2026-05-31', 'ArrowDown')).toBe('2026-06-07')
    expect(to('2026-01-01', 'ArrowUp')).toBe('2026-01-01')
    expect(to('2026-12-31', 'ArrowRight')).toBe('2026-12-31')
    expect(to('2026-05-09', 'Home')).toBe('2026-05-01')
    expect(to('2026-02-03', 'End')).toBe('2026-02-28')
    expect(to('2026-03-31', 'PageUp')).toBe('2026-02-28')
    expect(to('2026-05-09', 'PageDown')).toBe('2026-06-09')
    expect(to('2026-12-09', 'PageDown')).toBe('2026-12-09')
    expect(to('2026-05-09', 'a')).toBeUndefined()
    expect(keyTo(days, -1, 'End')).toBeUndefined()
  })

  it('is the one that the address names, if there is such a one', () => {
    expect(yearIn('2027', 2026)).toBe(2027)
    expect(yearIn('', 2026)).toBe(2026)
    expect(yearIn('next', 2026)).toBe(2026)
    expect(yearIn('1066', 2026)).toBe(2000)
  })

  it('tells days that somebody said from those of the week', () => {
    expect(special(day('2026-05-09', { source: 'published' }))).toBe(true)
    expect(special(day('2026-05-11'))).toBe(false)
  })
})

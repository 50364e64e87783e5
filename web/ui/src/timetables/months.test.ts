import { expect, it } from 'vitest'
import { daysOf, mondayOf, plusMonths, weekdayOf } from './months'

it('goes from month to month over the ends of years', () => {
  expect(plusMonths('2026-12', 1)).toBe('2027-01')
  expect(plusMonths('2026-01', -1)).toBe('2025-12')
  expect(plusMonths('2026-11', 0)).toBe('2026-11')
})

it('has every day of a month', () => {
  expect(daysOf('2028-02').at(-1)).toBe('2028-02-29')
  expect(daysOf('2026-11')).toHaveLength(30)
  expect(daysOf('2026-11')[0]).toBe('2026-11-01')
})

it('has weeks that begin on Mondays', () => {
  expect(weekdayOf('2026-11-26')).toBe(4)
  expect(mondayOf('2026-11-26')).toBe('2026-11-23')
  expect(mondayOf('2026-11-29')).toBe('2026-11-23')
  expect(mondayOf('2026-11-23')).toBe('2026-11-23')
})

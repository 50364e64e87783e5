import { describe, expect, it } from 'vitest'
import { beside, dayOf, daysOf } from './period'

describe('the period of a report', () => {
  it('is a week from Monday to Sunday, or a month of the calendar', () => {
    expect(daysOf('week', '2026-11-26')).toEqual({ first: '2026-11-23', last: '2026-11-29' })
    expect(daysOf('week', '2026-11-23').first).toBe('2026-11-23')
    expect(daysOf('week', '2026-11-29').first).toBe('2026-11-23')
    expect(daysOf('month', '2024-02-10')).toEqual({ first: '2024-02-01', last: '2024-02-29' })
    expect(daysOf('month', '2026-12-31')).toEqual({ first: '2026-12-01', last: '2026-12-31' })
  })

  it('has one before and one after it, and none between', () => {
    for (const period of ['week', 'month'] as const) {
      let day = '2026-01-15'
      for (let i = 0; i < 30; i++) {
        const next = beside(period, day, true)
        expect(daysOf(period, beside(period, next, false))).toEqual(daysOf(period, day))
        day = next
      }
    }
  })

  it('takes only days from an address', () => {
    expect(dayOf('2026-02-28')).toBe('2026-02-28')
    for (const no of ['', '2026-02-30', '2026-13-01', 'today']) expect(dayOf(no)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import type { CalendarDay, Timetable } from '@/api/types'
import { unheld } from './present'

const period = { from: '07:00', to: '09:00', mode: 'held_open' as const }
const today = { day: '2026-11-26', kind: 'workday', source: 'weekday' } as CalendarDay
const at = Date.parse('2026-11-25T23:30:00Z') // 07:30 of the 26th, a Thursday, in Shanghai
const table = (over: Partial<Timetable> = {}): Timetable =>
  ({
    timeZone: 'Asia/Shanghai',
    week: { thursday: [period], holiday: [] },
    exceptions: [],
    paused: false,
    pausedUntil: null,
    now: null,
    ...over,
  }) as unknown as Timetable

describe('a period that is there now and not held', () => {
  it('can be begun', () => {
    expect(unheld(table(), today, at)).toEqual(period)
    expect(unheld(table(), today, at + 90 * 60_000)).toBeUndefined()
    expect(unheld(table(), today, at - 31 * 60_000)).toBeUndefined()
  })

  it('is none while it holds, is paused, or nothing is known of the day', () => {
    const now = { since: '', until: '', mode: 'held_open' as const, firstArrival: false }
    expect(unheld(table({ now }), today, at)).toBeUndefined()
    expect(unheld(table({ paused: true }), today, at)).toBeUndefined()
    expect(unheld(table({ paused: true, pausedUntil: '2026-11-25T23:31:00Z' }), today, at)).toBeUndefined()
    expect(unheld(table({ paused: true, pausedUntil: '2026-11-25T23:29:00Z' }), today, at)).toEqual(period)
    expect(unheld(table(), undefined, at)).toBeUndefined()
  })

  it('is that of the day: of its kind, or of an exception', () => {
    expect(unheld(table(), { ...today, kind: 'holiday' }, at)).toBeUndefined()
    expect(unheld(table({ exceptions: [{ day: '2026-11-26', periods: [] }] }), today, at)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { choices, everyHours, everyMinutes, fromCron, together, toCron, usual, type When } from './cron'

describe('when, in simple words', () => {
  it('becomes a cron line', () => {
    expect(toCron({ ...usual, choice: 'daily', times: ['07:05'] })).toBe('5 7 * * *')
    expect(toCron({ ...usual, choice: 'daily', times: ['18:30', '07:30', '18:30'] })).toBe('30 7,18 * * *')
    expect(toCron({ ...usual, choice: 'workdays', times: ['07:30'] })).toBe('30 7 * * *')
    expect(toCron({ ...usual, choice: 'weekdays', times: ['18:30'] })).toBe('30 18 * * 1-5')
    expect(toCron({ ...usual, choice: 'weekly', times: ['00:00'], days: [7, 3] })).toBe('0 0 * * 3,0')
    expect(toCron({ ...usual, choice: 'monthly', times: ['12:00'], dayOfMonth: 31 })).toBe('0 12 31 * *')
    expect(toCron({ ...usual, choice: 'yearly', times: ['00:05'], dayOfMonth: 1, month: 10 })).toBe('5 0 1 10 *')
    expect(toCron({ ...usual, choice: 'minutes', every: 15 })).toBe('*/15 * * * *')
    expect(toCron({ ...usual, choice: 'minutes', every: 1, fromHour: 7, toHour: 18 })).toBe('* 7-18 * * *')
    expect(toCron({ ...usual, choice: 'hours', every: 1, minute: 15 })).toBe('15 * * * *')
    expect(toCron({ ...usual, choice: 'hours', every: 2, fromHour: 8, toHour: 18 })).toBe('0 8-18/2 * * *')
  })

  it('is nothing while something is missing or cannot be said', () => {
    expect(toCron({ ...usual, choice: 'weekly', days: [] })).toBe('')
    expect(toCron({ ...usual, choice: 'daily', times: [] })).toBe('')
    expect(toCron({ ...usual, choice: 'daily', times: ['7:30'] })).toBe('')
    expect(toCron({ ...usual, choice: 'daily', times: ['07:30', '18:45'] })).toBe('')
    expect(together(['07:30', '18:45'])).toBe(false)
    expect(toCron({ ...usual, choice: 'monthly', dayOfMonth: 32 })).toBe('')
    expect(toCron({ ...usual, choice: 'minutes', every: 7 })).toBe('')
    expect(toCron({ ...usual, choice: 'hours', every: 2, fromHour: 9, toHour: 8 })).toBe('')
  })

  it('comes back from the cron line that it became, whatever was chosen', () => {
    // A generator that always gives the same numbers: a failure can be repeated.
    let seed = 20261126
    const below = (n: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return Math.floor((seed / 2 ** 32) * n)
    }
    const some = <T>(list: readonly T[]) => list[below(list.length)]!
    const two = (n: number) => String(n).padStart(2, '0')
    const chosen = new Set<string>()
    for (let i = 0; i < 5_000; i++) {
      const choice = some(choices.filter((c) => c !== 'expert'))
      const minute = two(below(60))
      const fromHour = below(24)
      const when: When = {
        ...usual,
        choice,
        times: Array.from({ length: 1 + below(4) }, () => `${two(below(24))}:${minute}`),
        days: Array.from({ length: 1 + below(7) }, () => 1 + below(7)),
        dayOfMonth: 1 + below(31),
        month: 1 + below(12),
        every: some(choice === 'minutes' ? everyMinutes : everyHours),
        minute: below(60),
        fromHour,
        toHour: fromHour + below(24 - fromHour),
      }
      const line = toCron(when)
      const back = fromCron(line, choice === 'workdays' ? ['workday'] : [])
      expect(toCron(back), line).toBe(line)
      expect(back.choice, line).toBe(choice)
      chosen.add(choice)
    }
    expect(chosen.size).toBe(choices.length - 1)
  })

  it('leaves every other line as it is, for experts', () => {
    for (const line of [
      '*/7 * * * *',
      '0 7 1 * 1',
      '@daily',
      '99 7 * * *',
      '0 25 * * *',
      '0 7 * * 7',
      '0 7 * * MON',
      '0 18,7 * * *',
      '0 7 32 * *',
      '5 8-18/5 * * *',
      '0 7 * 1,2 *',
      '* * * *',
      '',
    ]) {
      expect(fromCron(line).choice, line).toBe('expert')
      expect(toCron(fromCron(line))).toBe(line)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { fromCron, toCron, usual } from './cron'

describe('when, in simple words', () => {
  it('becomes a cron line', () => {
    expect(toCron({ ...usual, choice: 'daily', at: '07:05' })).toBe('5 7 * * *')
    expect(toCron({ ...usual, choice: 'weekdays', at: '18:30' })).toBe('30 18 * * 1-5')
    expect(toCron({ ...usual, choice: 'weekly', at: '00:00', days: [7, 3] })).toBe('0 0 * * 3,0')
    expect(toCron({ ...usual, choice: 'hourly', minute: 15 })).toBe('15 * * * *')
    expect(toCron({ ...usual, choice: 'weekly', days: [] })).toBe('')
  })

  it('comes back from the cron line that it became', () => {
    for (const line of ['5 7 * * *', '30 18 * * 1-5', '0 0 * * 3,0', '15 * * * *']) {
      expect(fromCron(line).choice).not.toBe('expert')
      expect(toCron(fromCron(line))).toBe(line)
    }
  })

  it('leaves every other line as it is, for experts', () => {
    for (const line of ['*/5 * * * *', '0 7 1 * *', '@daily', '99 7 * * *', '0 25 * * *']) {
      expect(fromCron(line).choice).toBe('expert')
      expect(toCron(fromCron(line))).toBe(line)
    }
  })
})

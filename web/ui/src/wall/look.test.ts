import { describe, expect, it } from 'vitest'
import { device } from '@/test/things'
import { counts, isProblem, lookOf } from './look'
import { actionsOf } from './panel/actions'

describe('the look of a device', () => {
  it('is unknown after a reconnect until its own report', () => {
    expect(lookOf(device({ reportedAt: null, physical: 'open' }))).toBe('unknown')
  })

  it('never shows a state while it is offline', () => {
    const d = device({
      link: { status: 'offline', since: null, cause: 'kicked', flapping: false, flappingSince: null },
      physical: 'open',
    })
    expect(lookOf(d)).toBe('offline')
    expect(isProblem(d)).toBe(true)
    expect(counts('open', d)).toBe(false)
  })

  it('is unknown while the server doubts the last report', () => {
    for (const doubt of ['not_reported', 'too_old'] as const) {
      const d = device({ doubt, physical: 'open', tamper: true })
      expect(lookOf(d)).toBe('unknown')
      expect(counts('open', d)).toBe(false)
    }
  })

  it('is an alarm for a fault, tampering or a stop midway', () => {
    for (const over of [
      { fault: 'E1' },
      { tamper: true },
      { alarm: 'forced_open' as const },
      { alarm: 'held_open_too_long' as const },
      { physical: 'stopped' as const },
      { physical: 'fault' as const },
    ]) {
      expect(lookOf(device(over))).toBe('alarm')
    }
  })

  it('does not call a device a problem that was never connected', () => {
    expect(
      isProblem(
        device({ link: { status: 'never_seen', since: null, cause: '', flapping: false, flappingSince: null } }),
      ),
    ).toBe(false)
  })
})

describe('the actions of a device', () => {
  it('are those that it says it can do, a turnstile’s pass once per direction', () => {
    expect(actionsOf({ kind: 'gate', capabilities: ['close', 'open', 'dance'] }).map((a) => a.action)).toEqual([
      'open',
      'close',
    ])
    expect(actionsOf({ kind: 'turnstile', capabilities: ['pass'] }).map((a) => a.args?.direction)).toEqual([
      'in',
      'out',
    ])
  })
})

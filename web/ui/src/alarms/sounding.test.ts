import { describe, expect, it } from 'vitest'
import { alarm } from '@/test/things'
import { holds, quietFor } from './quiet'
import { audible, soundOf, unmissable, type Situation } from './sounding'

const at = Date.parse('2026-01-01T00:10:00.000Z')
const base: Situation = { alarms: [], blindSince: undefined, quiet: undefined, now: at }
const critical = alarm({ id: 'c', severity: 'critical' })
const seen = alarm({ severity: 'critical', loudness: 'silent', state: 'acknowledged' })

describe('what is heard', () => {
  it('is the gravest that no person has acknowledged, of the critical and the major', () => {
    expect(soundOf(base)).toBeUndefined()
    expect(soundOf({ ...base, alarms: [alarm({ severity: 'minor' }), alarm({ severity: 'warning' }), seen] })).toBe(
      undefined,
    )
    expect(soundOf({ ...base, alarms: [alarm()] })).toBe('major')
    expect(soundOf({ ...base, alarms: [alarm(), critical] })).toBe('critical')
  })

  it('is as of a critical one where nobody came', () => {
    expect(soundOf({ ...base, alarms: [alarm({ loudness: 'escalated' })] })).toBe('critical')
    expect(audible(alarm({ severity: 'minor', loudness: 'escalated' }))).toBe(false)
  })

  it('is a silent screen after 30 s, unless a critical alarm stands', () => {
    expect(soundOf({ ...base, blindSince: at - 29_999 })).toBeUndefined()
    expect(soundOf({ ...base, blindSince: at - 30_000 })).toBe('blind')
    expect(soundOf({ ...base, blindSince: at - 30_000, alarms: [alarm()] })).toBe('blind')
    expect(soundOf({ ...base, blindSince: at - 30_000, alarms: [critical] })).toBe('critical')
  })

  it('is nothing under a mute of this browser but a critical alarm that is raised after it began', () => {
    const quiet = { since: at - 1_000, until: at + 1_000, by: 'Wang' }
    expect(soundOf({ ...base, quiet, alarms: [critical, alarm()], blindSince: at - 60_000 })).toBeUndefined()
    const later = { raised: new Date(at).toISOString() }
    expect(soundOf({ ...base, quiet, alarms: [alarm(later)] })).toBeUndefined()
    expect(soundOf({ ...base, quiet, alarms: [alarm({ severity: 'critical', ...later })] })).toBe('critical')
    expect(soundOf({ ...base, quiet: { ...quiet, until: at }, alarms: [alarm()] })).toBe('major')
  })
})

describe('a mute of this browser', () => {
  it('holds at most as long as a press makes it, whatever the store says', () => {
    expect(holds({ since: at, until: at + quietFor, by: '' }, at)).toBe(true)
    expect(holds({ since: at, until: at + quietFor, by: '' }, at + quietFor)).toBe(false)
    expect(holds({ since: at, until: at + quietFor + 1, by: '' }, at)).toBe(false)
    expect(holds({ since: at + 3_600_000, until: at + 3_600_000 + quietFor, by: '' }, at)).toBe(false)
    expect(holds(undefined, at)).toBe(false)
  })
})

describe('the banner', () => {
  it('has the critical alarms that no person has acknowledged, the newest first', () => {
    const newer = alarm({ id: 'n', severity: 'critical', raised: '2026-01-01T00:01:00.000Z' })
    expect(unmissable([critical, seen, newer, alarm()]).map((a) => a.id)).toEqual(['n', 'c'])
  })
})

import { describe, expect, it } from 'vitest'
import { alarm } from '@/test/things'
import { byUrgency, isLoud, passes, type Filter } from './inbox'

const all: Filter = { site: '', zone: '', device: '', type: '', severity: '', state: 'open' }

describe('the inbox', () => {
  it('begins with what nobody came for, then the graver, then the newer', () => {
    const list = [
      alarm({ id: 'seen', severity: 'critical', loudness: 'silent', state: 'acknowledged' }),
      alarm({ id: 'minor', severity: 'minor' }),
      alarm({ id: 'old', severity: 'major' }),
      alarm({ id: 'new', severity: 'major', lastSeen: '2026-01-01T00:01:00.000Z' }),
      alarm({ id: 'late', severity: 'warning', loudness: 'escalated' }),
    ]
    expect(list.sort(byUrgency).map((a) => a.id)).toEqual(['late', 'new', 'old', 'minor', 'seen'])
  })

  it('is loud until somebody has seen it or muted the device', () => {
    expect(isLoud(alarm())).toBe(true)
    expect(isLoud(alarm({ loudness: 'escalated' }))).toBe(true)
    expect(isLoud(alarm({ loudness: 'silent', muted: true }))).toBe(false)
  })

  it('passes what fits every filter', () => {
    expect(passes(alarm(), all)).toBe(true)
    expect(passes(alarm(), { ...all, site: 's1', zone: 'z1', device: 'g1', type: 'fault', severity: 'major' })).toBe(
      true,
    )
    expect(passes(alarm(), { ...all, state: 'raised' })).toBe(true)
    expect(passes(alarm(), { ...all, state: 'over' })).toBe(false)
    expect(passes(alarm(), { ...all, device: 'g2' })).toBe(false)
    expect(passes(alarm(), { ...all, severity: 'minor' })).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { alarm } from '@/test/things'
import { byUrgency, comparing, isLoud, passes, type Filter } from './inbox'

const all: Filter = { site: '', zone: '', device: '', type: '', severity: '', state: 'open', assignee: '', text: '' }
const words = () => 'Gate 1 · Fault: E7'

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
    expect(passes(alarm(), all, words)).toBe(true)
    expect(
      passes(alarm(), { ...all, site: 's1', zone: 'z1', device: 'g1', type: 'fault', severity: 'major' }, words),
    ).toBe(true)
    expect(passes(alarm(), { ...all, state: 'raised' }, words)).toBe(true)
    expect(passes(alarm(), { ...all, state: 'over' }, words)).toBe(false)
    expect(passes(alarm(), { ...all, device: 'g2' }, words)).toBe(false)
    expect(passes(alarm(), { ...all, severity: 'minor' }, words)).toBe(false)
  })

  it('passes by who sees to it, and by any part of what the list says', () => {
    const mine = alarm({ assignee: { kind: 'operator', id: 'u1', name: 'Wang' } })
    expect(passes(mine, { ...all, assignee: 'u1' }, words)).toBe(true)
    expect(passes(mine, { ...all, assignee: 'nobody' }, words)).toBe(false)
    expect(passes(alarm(), { ...all, assignee: 'u1' }, words)).toBe(false)
    expect(passes(alarm(), { ...all, assignee: 'nobody' }, words)).toBe(true)
    expect(passes(alarm(), { ...all, text: 'gate 1' }, words)).toBe(true)
    expect(passes(alarm(), { ...all, text: 'gate 2' }, words)).toBe(false)
  })

  it('is ordered by the newest, or by device as people count', () => {
    const list = [
      alarm({ id: 'a', device: 'g10', raised: '2026-01-01T00:02:00.000Z' }),
      alarm({ id: 'b', device: 'g2', severity: 'minor' }),
      alarm({ id: 'c', device: 'g2', raised: '2026-01-01T00:01:00.000Z' }),
    ]
    const name = (d: string) => `Gate ${d.slice(1)}`
    const ids = (sort: string) => list.sort(comparing(sort, name)).map((x) => x.id)
    expect(ids('newest')).toEqual(['a', 'c', 'b'])
    expect(ids('device')).toEqual(['c', 'b', 'a'])
    expect(ids('').at(-1)).toBe('b')
  })
})

import { describe, expect, it } from 'vitest'
import type { FireReport, Layer } from '@/api/types'
import { device } from '@/test/things'
import { csv, fireDoors, lockdownDoors, provenOf } from './proof'

const since = '2026-01-01T08:00:00.000Z'
const later = '2026-01-01T08:00:01.500Z'

function opening(name: string, over: Partial<NonNullable<FireReport['openings']>[number]> = {}) {
  return {
    device: name,
    name,
    direction: '',
    commanded: since,
    confirmed: null,
    seconds: null,
    holds: false,
    problem: '',
    ...over,
  }
}

const report = (openings: ReturnType<typeof opening>[]): FireReport => ({
  id: 'f1',
  site: 's1',
  group: 'A',
  by: { kind: 'operator', id: 'u1', name: 'Wang' },
  reason: 'drill',
  event: '',
  since,
  ended: null,
  endedBy: null,
  endReason: '',
  unlatched: false,
  openings,
})

describe('fireDoors', () => {
  it('says of each opening how far it is, the worst first, and counts only what is proven now', () => {
    const doors = fireDoors(
      report([
        opening('Gate 10', { confirmed: later, seconds: 1.5, holds: true }),
        opening('Gate 2', { confirmed: later, seconds: 1.5, holds: true }),
        opening('Waits'),
        opening('Away', { commanded: null, problem: 'offline' }),
        opening('Refuses', { problem: 'unable' }),
        opening('Fell shut', { confirmed: later, seconds: 1.5 }),
      ]),
    )
    expect(doors.map((d) => [d.name, d.state, d.at])).toEqual([
      ['Fell shut', 'lost', later],
      ['Away', 'unreached', since],
      ['Refuses', 'unreached', since],
      ['Waits', 'told', since],
      ['Gate 2', 'proven', later],
      ['Gate 10', 'proven', later],
    ])
    expect(provenOf(doors)).toBe(2)
  })
})

describe('lockdownDoors', () => {
  const lock: Layer = {
    id: 'l1',
    site: 's1',
    zone: '',
    set: true,
    layer: 'lockdown',
    scope: { kind: 'site', id: '', direction: '' },
    mode: 'locked_down',
    by: { kind: 'operator', id: 'u1', name: 'Wang' },
    reason: '',
    since,
    until: null,
    revision: 1,
  }
  const fire: Layer = { ...lock, id: 'l2', layer: 'fire', scope: { kind: 'group', id: 'A', direction: '' } }
  const now = Date.parse(later)
  const locked = { mode: 'locked_down' } as const
  const away = { status: 'offline', since: later, cause: 'keep_alive', flapping: false, flappingSince: null } as const

  it('takes for locked only what says so itself, is closed and is on line', () => {
    const all = [
      device({ id: 'a', name: 'Shut', ...locked }),
      device({ id: 'b', name: 'Still up', ...locked, physical: 'closing' }),
      device({ id: 'c', name: 'Not yet' }),
      device({ id: 'd', name: 'Away', ...locked, link: away }),
      device({ id: 'e', name: 'Fire', ...locked, fireGroup: 'A' }),
      device({ id: 'f', name: 'Elsewhere', ...locked, site: 's2' }),
      device({ id: 'g', name: 'Camera', kind: 'camera' }),
      device({ id: 'h', name: 'Turnstile', kind: 'turnstile', modes: { in: 'locked_down', out: 'controlled' } }),
    ]
    const doors = lockdownDoors(lock, all, [lock, fire], now)
    expect(doors.map((d) => [d.name, d.direction, d.state, d.problem])).toEqual([
      ['Away', '', 'unreached', 'keep_alive'],
      ['Not yet', '', 'told', ''],
      ['Still up', '', 'told', ''],
      ['Turnstile', 'out', 'told', ''],
      ['Fire', '', 'overruled', ''],
      ['Shut', '', 'proven', ''],
      ['Turnstile', 'in', 'proven', ''],
    ])
  })
})

describe('csv', () => {
  it('keeps every text as it is, and no cell is a formula', () => {
    expect(
      csv([
        ['a', 'say "x", y'],
        ['=1+1', '-'],
      ]),
    ).toBe('\ufeff"a","say ""x"", y"\r\n"\'=1+1","\'-"\r\n')
  })
})

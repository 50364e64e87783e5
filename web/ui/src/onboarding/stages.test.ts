import { describe, expect, it } from 'vitest'
import type { DeviceDetail, QuarantinedMessage } from '@/api/types'
import { command, device } from '@/test/things'
import { isReady, stagesOf, type Known } from './stages'

const never = { status: 'never_seen' as const, since: null, cause: '', flapping: false, flappingSince: null }
const online = { ...never, status: 'online' as const, since: '2026-01-02T00:00:00Z' }
const fresh = device({ link: never, reportedAt: null, capabilities: [] })
const detail = (over: Partial<DeviceDetail> = {}): DeviceDetail => ({
  device: fresh,
  credential: {
    issued: true,
    created: '2026-01-01T00:00:00Z',
    password: true,
    certificate: false,
    authorities: false,
    shown: null,
  },
  connect: { mqtt: 'gate.example:1883', mqtts: '', fingerprint: '', topicPrefix: 'p' },
  bans: [],
  ...over,
})
const strange = (arrivedAt: string): QuarantinedMessage => ({
  id: 1,
  device: 'g1',
  site: 's1',
  topic: 't',
  payload: '',
  problem: 'physical: must be one of open, closed',
  why: 'malformed',
  arrivedAt,
})
const stages = (k: Partial<Known>) => stagesOf({ device: fresh, detail: detail(), strange: [], orders: [], ...k })
const shape = (k: Partial<Known>) =>
  stages(k)
    .map((s) => s.is)
    .join(' ')
const at = (k: Partial<Known>) => stages(k).find((s) => s.is === 'now' || s.is === 'wrong')!

describe('the way of a new device', () => {
  it('goes one stage after the other until an order was confirmed', () => {
    expect(shape({ detail: undefined })).toBe('done now later later later later')
    expect(shape({ detail: detail({ credential: { ...detail().credential, issued: false } }) })).toMatch(/^done now/)
    expect(shape({})).toBe('done done now later later later')
    expect(shape({ device: device({ link: online, reportedAt: null }) })).toBe('done done done now later later')
    expect(shape({ device: device({ capabilities: [] }) })).toBe('done done done done now later')
    expect(shape({ device: device() })).toBe('done done done done done now')
    const all = stages({ device: device(), orders: [command({ step: 'confirmed', ended: true })] })
    expect(isReady(all)).toBe(true)
  })

  it('counts no order that the platform gave by itself, and no property as an action', () => {
    const told = command({ action: 'mode', step: 'confirmed', ended: true })
    const clock = command({ actor: { kind: 'system', id: '', name: '' }, step: 'confirmed', ended: true })
    expect(at({ device: device(), orders: [told, clock] })).toMatchObject({ name: 'confirmed', is: 'now' })
    const able = stages({ device: device({ capabilities: ['open', 'signature'] }) }).find((s) => s.name === 'able')!
    expect(able.says).toBe('Open')
    expect(at({ device: device({ capabilities: ['signature'] }) }).name).toBe('able')
  })

  it('says why a connection was refused, and what to do about it', () => {
    const refused = { at: '2026-01-01T08:00:00Z', why: 'wrong_password' as const, address: '192.0.2.7', count: 3 }
    const here = at({ detail: detail({ refused }) })
    expect(here).toMatchObject({ name: 'connected', is: 'wrong' })
    expect(here.says).toContain('wrong password')
    expect(here.says).toContain('192.0.2.7')
    expect(here.todo).toContain('password')
  })

  it('forgets a refusal that is older than the credential, or than the last connection', () => {
    const refused = { at: '2025-12-31T00:00:00Z', why: 'wrong_password' as const, address: '192.0.2.7', count: 3 }
    expect(at({ detail: detail({ refused }) })).toMatchObject({ name: 'connected', is: 'now' })
    const gone = device({ link: { ...online, status: 'offline', cause: 'keep_alive' } })
    const later = { ...refused, at: '2026-01-01T12:00:00Z' }
    expect(at({ device: gone, detail: detail({ refused: later }) }).says).toContain('silent for too long')
  })

  it('tells what nobody understood of what it sent in this connection', () => {
    const connected = device({ link: online, reportedAt: null })
    const here = at({ device: connected, strange: [strange('2026-01-02T00:00:05Z')] })
    expect(here).toMatchObject({ name: 'reported', is: 'wrong' })
    expect(here.says).toContain('physical: must be one of')
    expect(at({ device: connected, strange: [strange('2026-01-01T00:00:05Z')] }).is).toBe('now')
  })

  it('tells why the first order was not confirmed', () => {
    const rungs = [{ step: 'refused', at: '2026-01-01T00:00:01Z', detail: 'bad_signature' }]
    const here = at({ device: device(), orders: [command({ step: 'refused', ended: true, rungs })] })
    expect(here).toMatchObject({ name: 'confirmed', is: 'wrong', todo: 'the device did not do it' })
    expect(here.says).toBe('Refused · wrong signature')
  })
})

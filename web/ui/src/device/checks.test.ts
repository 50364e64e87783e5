import { describe, expect, it } from 'vitest'
import type { CredentialState } from '@/api/types'
import { device } from '@/test/things'
import { checksOf } from './checks'

const now = Date.parse('2026-01-10T00:00:00Z')
const right: CredentialState = {
  issued: true,
  created: '2026-01-01T00:00:00Z',
  lastUsed: '2026-01-02T00:00:00Z',
  password: true,
  certificate: false,
  authorities: false,
  shown: null,
}
const clockDrift = { ms: 3, at: '2026-01-01T00:00:00.000Z', wrong: false }
const link = device().link
const named = (d = device({ clockDrift }), c: CredentialState | undefined = right) =>
  Object.fromEntries(checksOf(d, c, now).map((x) => [x.name, x]))

describe('the checks of a device', () => {
  it('find nothing to do at one that is in order', () => {
    const all = Object.values(named())
    expect(all.map((c) => c.is)).toEqual(Array(7).fill('good'))
    expect(all.map((c) => c.todo).join('')).toBe('')
  })

  it('say of each thing that is missing what to do', () => {
    const cases: [string, ReturnType<typeof named>, string][] = [
      ['credential', named(device(), { ...right, issued: false }), 'bad'],
      ['credential', named(device(), { ...right, lastUsed: undefined }), 'doubt'],
      ['online', named(device({ link: { ...link, status: 'never_seen' } })), 'bad'],
      ['online', named(device({ link: { ...link, status: 'offline', cause: 'keep_alive' } })), 'bad'],
      ['online', named(device({ link: { ...link, flapping: true } })), 'doubt'],
      ['reported', named(device({ doubt: 'too_old' })), 'bad'],
      ['reported', named(device({ reportedAt: null })), 'bad'],
      ['able', named(device({ capabilities: [] })), 'doubt'],
      ['signed', named(device({ unsigned: true })), 'bad'],
      ['clock', named(device({ clockDrift: null })), 'doubt'],
      ['clock', named(device({ clockDrift: { ...clockDrift, ms: 9_000, wrong: true } })), 'bad'],
      ['config', named(device({ config: { revision: 2, reported: 1, status: 'drifting' } })), 'bad'],
      ['config', named(device({ config: { revision: 2, reported: 0, status: 'unreported' } })), 'doubt'],
    ]
    for (const [name, found, is] of cases) {
      expect(found[name], name).toMatchObject({ is })
      expect(found[name]!.todo, name).not.toBe('')
      expect(found[name]!.says, name).not.toBe('')
    }
  })

  it('look at the end of a certificate only where one lets the device in', () => {
    const until = (at: string) => ({ ...right, certificate: true, shown: { fingerprint: 'AB', until: at } })
    expect(named().certificate).toBeUndefined()
    expect(named(device(), until('2027-01-01T00:00:00Z')).certificate!.is).toBe('good')
    expect(named(device(), until('2026-01-20T00:00:00Z')).certificate!.is).toBe('doubt')
    expect(named(device(), until('2026-01-09T00:00:00Z')).certificate!.is).toBe('bad')
    expect(named(device(), { ...right, certificate: true }).certificate!.is).toBe('doubt')
  })

  it('say nothing of a credential that is not known', () => {
    expect(checksOf(device(), undefined, now).map((c) => c.name)).not.toContain('credential')
  })
})

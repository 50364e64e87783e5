import { describe, expect, it } from 'vitest'
import type { Ban, BrokerClient } from '@/api/types'
import { endOf, having, hostOf, likely, shownValue, targetOf } from './bans'

const client = (c: Partial<BrokerClient>) => ({ client: 'c', identity: '', address: '', ...c }) as BrokerClient

describe('a ban', () => {
  it('knows the address of a client without its port', () => {
    expect(hostOf('192.0.2.7:50123')).toBe('192.0.2.7')
    expect(hostOf('[2001:db8::7]:50123')).toBe('2001:db8::7')
    expect(hostOf('[fe80::7%eth0]:1')).toBe('fe80::7')
    expect(hostOf('')).toBe('')
  })

  it('is offered of a device by its id, of a program by its user name, of a console not at all', () => {
    const gate = targetOf(client({ client: 'g1', identity: 'device:g1', address: '192.0.2.7:1' }))!
    expect(gate).toEqual({ client: 'g1', username: 'g1', address: '192.0.2.7' })
    expect(likely(gate)).toBe('client')
    const program = targetOf(client({ client: 'x', identity: 'integrator:i-1' }))!
    expect(program).toEqual({ client: 'x', username: 'i-1' })
    expect(likely(program)).toBe('username')
    expect(likely({})).toBe('client')
    expect(targetOf(client({ client: 'console-1', identity: 'operator:o1' }))).toBeUndefined()
  })

  it('ends after its time, at a time, or never', () => {
    expect(endOf('hour', '', 0)).toBe('1970-01-01T01:00:00.000Z')
    expect(endOf('until', '2030-01-31T12:00Z', 0)).toBe('2030-01-31T12:00:00.000Z')
    expect(endOf('never', '', 0)).toBeNull()
  })

  it('shows one address as that, and a prefix with its length', () => {
    expect(shownValue({ kind: 'address', value: '192.0.2.7/32' })).toBe('192.0.2.7')
    expect(shownValue({ kind: 'address', value: '192.0.2.0/24' })).toBe('192.0.2.0/24')
    expect(shownValue({ kind: 'address', value: '2001:db8::/64' })).toBe('2001:db8::/64')
    expect(shownValue({ kind: 'client', value: '1.2.3.4/32' })).toBe('1.2.3.4/32')
  })

  it('is found by what it is about, the name of its device, its reason, and who banned', () => {
    const bans = [{ value: 'g1', reason: 'Stolen', by: 'Li' } as Ban, { value: 'x', reason: 'r', by: 'Wang' } as Ban]
    const found = (text: string) => having(bans, text, (v) => (v === 'g1' ? 'North gate' : '')).map((b) => b.value)
    expect(found('')).toEqual(['g1', 'x'])
    for (const text of ['G1', 'north', 'stolen', ' li ']) expect(found(text)).toEqual(['g1'])
    expect(found('wang')).toEqual(['x'])
    expect(found('nobody')).toEqual([])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import type { Command } from '@/api/types'
import { command, device, snapshot } from '@/test/things'
import { newerCommand } from './newer'
import { devices, forget, paint, Things } from './state'

afterEach(forget)

describe('merging by revision', () => {
  it('takes what is newer and drops what is older or equal', () => {
    expect(devices.merge(device({ revision: 5, physical: 'open' }))).toBe(true)
    expect(devices.merge(device({ revision: 5, physical: 'closed' }))).toBe(false)
    expect(devices.merge(device({ revision: 4, physical: 'closed' }))).toBe(false)
    expect(devices.get('g1')?.physical).toBe('open')
    expect(devices.merge(device({ revision: 6, physical: 'closing' }))).toBe(true)
    expect(devices.get('g1')?.physical).toBe('closing')
  })

  it('keeps what the feed said after a snapshot was made', () => {
    paint(snapshot({ devices: [device({ revision: 3 })] }), true)
    devices.merge(device({ revision: 12, physical: 'open' }))
    devices.merge(device({ id: 'new', revision: 13 }))
    paint(snapshot({ devices: [device({ revision: 9, physical: 'closed' })] }), false)
    expect(devices.get('g1')?.physical).toBe('open')
    expect(devices.get('new')).toBeDefined()
  })

  it('drops what a snapshot no longer has', () => {
    paint(snapshot({ devices: [device({ id: 'old', revision: 3 })] }), true)
    paint(snapshot({ devices: [device({ revision: 9 })] }), false)
    expect(devices.all().map((d) => d.id)).toEqual(['g1'])
  })

  it('believes the first snapshot of a connection even if its revisions are lower', () => {
    devices.merge(device({ revision: 900, physical: 'open' }))
    paint(snapshot({ devices: [device({ revision: 2, physical: 'closed' })] }), true)
    expect(devices.get('g1')?.physical).toBe('closed')
  })
})

describe('a command whose record is pending', () => {
  const pending = (rungs: number) =>
    command({ revision: 0, recordPending: true, rungs: Array.from({ length: rungs }, () => command().rungs![0]!) })

  it('gives way to what is recorded, whatever its revision, and never comes back', () => {
    const things = new Things<Command>((c) => c.id, newerCommand)
    expect(things.merge(pending(2))).toBe(true)
    expect(things.merge(pending(1))).toBe(false)
    expect(things.merge(pending(3))).toBe(true)
    expect(things.merge(command({ revision: 1 }))).toBe(true)
    expect(things.merge(pending(4))).toBe(false)
  })

  it('stays when a snapshot of before it is painted, and goes with a new connection', () => {
    const things = new Things<Command>((c) => c.id, newerCommand)
    things.merge(pending(2))
    things.replace([], () => 10, false)
    expect(things.get('c1')).toBeDefined()
    things.replace([], () => 10, true)
    expect(things.get('c1')).toBeUndefined()
  })
})

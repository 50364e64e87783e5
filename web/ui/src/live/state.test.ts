import { afterEach, describe, expect, it } from 'vitest'
import { computed } from 'vue'
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

describe('who reads all of them', () => {
  it('reads them anew with each change, and their order only when one comes, goes or stands elsewhere', () => {
    let all = 0
    let laid = 0
    const states = computed(() => (all++, devices.all().map((d) => d.physical)))
    const order = computed(() => (laid++, devices.laid().map((d) => d.name)))
    const read = () => [states.value.join(), order.value.join(), all, laid]

    devices.merge(device({ revision: 1 }))
    expect(read()).toEqual(['closed', 'Gate 1', 1, 1])
    devices.merge(device({ revision: 2, physical: 'open' }))
    expect(read()).toEqual(['open', 'Gate 1', 2, 1])
    devices.merge(device({ revision: 3, physical: 'open', name: 'Gate A' }))
    expect(read()).toEqual(['open', 'Gate A', 3, 2])
    devices.merge(device({ revision: 4, zone: 'z2' }))
    expect(read()).toEqual(['closed', 'Gate 1', 4, 3])
    devices.remove('g1')
    expect(read()).toEqual(['', '', 5, 4])
  })
})

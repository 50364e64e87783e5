import { afterEach, describe, expect, it } from 'vitest'
import { device, snapshot } from '@/test/things'
import { devices, forget, paint } from './state'

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

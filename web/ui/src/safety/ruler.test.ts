import { afterEach, describe, expect, it } from 'vitest'
import { setServerTime } from '@/live/clock'
import { forget, layers } from '@/live/state'
import { device, layer } from '@/test/things'
import { rulerOf } from './ruler'

afterEach(forget)

describe('the layer that rules an opening', () => {
  const gate = device({ fireGroup: 'A' })
  const ruling = (direction = '') => rulerOf(gate, direction)?.id

  it('is the strongest of those over its site, its zone, its fire group and itself', () => {
    expect(ruling()).toBeUndefined()
    layers.merge(layer({ id: 'own', layer: 'hold', scope: { kind: 'device', id: 'g1', direction: '' } }))
    layers.merge(layer({ id: 'other', layer: 'hold', scope: { kind: 'device', id: 'g2', direction: '' } }))
    expect(ruling()).toBe('own')
    layers.merge(layer({ id: 'zone', scope: { kind: 'zone', id: 'z1', direction: '' } }))
    expect(ruling()).toBe('zone')
    layers.merge(layer({ id: 'site', revision: 2 }))
    expect(ruling()).toBe('site')
    layers.merge(layer({ id: 'fire', layer: 'fire', scope: { kind: 'group', id: 'A', direction: '' } }))
    expect(ruling()).toBe('fire')
    layers.merge(layer({ id: 'fire', set: false, revision: 3 }))
    expect(ruling()).toBe('site')
  })

  it('of one direction says nothing of the other', () => {
    layers.merge(layer({ layer: 'hold', scope: { kind: 'device', id: 'g1', direction: 'in' } }))
    expect([ruling('in'), ruling('out')]).toEqual(['x', undefined])
  })

  it('ends by the server’s clock', () => {
    setServerTime('2026-01-01T08:59:59.000Z')
    layers.merge(layer({ until: '2026-01-01T09:00:00.000Z' }))
    expect(ruling()).toBe('x')
    setServerTime('2026-01-01T09:00:01.000Z')
    expect(ruling()).toBeUndefined()
  })
})

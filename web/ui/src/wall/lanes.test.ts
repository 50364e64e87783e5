import { describe, expect, it } from 'vitest'
import type { Device } from '@/api/types'
import { device } from '@/test/things'
import { lanesOf } from './lanes'

const turnstile = (over: Partial<Device>) => lanesOf(device({ kind: 'turnstile', ...over }))
const drawn = (over: Partial<Device>) => turnstile(over).map((l) => [l.direction, l.sign, l.physical].join(' '))

describe('the lanes of a turnstile', () => {
  it('stand open one by one: the direction that is held, and not the other', () => {
    expect(drawn({ physical: 'open', mode: 'held_open', modes: { in: 'held_open', out: 'controlled' } })).toEqual([
      'in passes open',
      'out asks closed',
    ])
    expect(drawn({ physical: 'open', mode: 'held_closed', modes: { in: 'held_closed', out: 'fire_release' } })).toEqual(
      ['in blocked closed', 'out passes open'],
    )
  })

  it('move one by one too', () => {
    expect(drawn({ physical: 'opening', modes: { in: 'controlled', out: 'held_open' } })).toEqual([
      'in asks closed',
      'out passes opening',
    ])
  })

  it('stand as the turnstile reports while they are alike, for it does not say who passes', () => {
    expect(drawn({ physical: 'open', modes: { in: 'controlled', out: 'controlled' } })).toEqual([
      'in asks open',
      'out asks open',
    ])
    expect(drawn({ physical: 'open', modes: { in: 'locked_down', out: 'held_closed' } })).toEqual([
      'in blocked open',
      'out blocked open',
    ])
  })

  it('let nobody pass where they are blocked: what opens is the other', () => {
    expect(drawn({ physical: 'open', modes: { in: 'controlled', out: 'locked_down' } })).toEqual([
      'in asks open',
      'out blocked closed',
    ])
  })

  it('are as unknown or broken as the turnstile, whatever holds them', () => {
    const modes = { in: 'held_open', out: 'controlled' }
    expect(drawn({ physical: 'fault', modes })).toEqual(['in passes fault', 'out asks fault'])
    expect(drawn({ physical: 'unknown', mode: '', modes: {} })).toEqual(['in unknown unknown', 'out unknown unknown'])
  })

  it('are not said to be open when the turnstile reports that it is closed', () => {
    expect(drawn({ physical: 'closed', modes: { in: 'held_open', out: 'controlled' } })).toEqual([
      'in passes closed',
      'out asks closed',
    ])
  })

  it('have one mode if the turnstile does not tell its directions apart', () => {
    expect(turnstile({ mode: 'held_open', physical: 'open' }).map((l) => l.mode)).toEqual(['held_open', 'held_open'])
  })
})

describe('the opening of a gate', () => {
  it('is one, without a direction; a camera has none', () => {
    expect(lanesOf(device({ mode: 'locked_down' }))).toEqual([
      { direction: '', mode: 'locked_down', sign: 'blocked', physical: 'closed' },
    ])
    expect(lanesOf(device({ kind: 'camera' }))).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { device } from '@/test/things'
import { laneOfKey, lanesOf, lanesText, moved, openOf, othersOf } from './lanes'

describe('lanes', () => {
  it('stand in the address in their order, each once, six at most', () => {
    const text = 'g2,t1.in,g1,t1.out'
    expect(lanesText(lanesOf(text))).toBe(text)
    expect(lanesText(lanesOf('g1,g1,, g2 ,no way,<b>'))).toBe('g1,g2')
    expect(lanesOf('a,b,c,d,e,f,g')).toHaveLength(6)
    expect(lanesOf('')).toEqual([])
  })

  it('are opened by the keys 1 to 6, and by no other', () => {
    expect(laneOfKey('1', 2)).toBe(0)
    expect(laneOfKey('2', 2)).toBe(1)
    for (const key of ['3', '0', '7', 'a', 'Enter', '', '11']) expect(laneOfKey(key, 2)).toBe(-1)
  })

  it('of a turnstile let one pass in their own direction only', () => {
    const turnstile = device({ kind: 'turnstile', capabilities: ['pass'] })
    expect(openOf(turnstile, 'out')).toEqual({ action: 'pass', args: { direction: 'out' } })
    expect(openOf(device(), '')).toEqual({ action: 'open' })
    expect(openOf(device({ capabilities: ['close'] }), '')).toBeUndefined()
    expect(othersOf(device({ capabilities: ['open', 'close', 'stop'] })).map((a) => a.action)).toEqual([
      'close',
      'stop',
    ])
  })

  it('change places with their neighbour', () => {
    const lanes = lanesOf('a,b,c')
    expect(lanesText(moved(lanes, 2, -1))).toBe('a,c,b')
    expect(lanesText(moved(lanes, 0, -1))).toBe('a,b,c')
  })
})

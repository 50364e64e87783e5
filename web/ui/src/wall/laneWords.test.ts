import { describe, expect, it } from 'vitest'
import type { Layer } from '@/api/types'
import { device, layer } from '@/test/things'
import { laneLines } from './laneWords'

const now = () => Date.parse('2026-01-01T03:00:00.000Z')
const rules =
  (over: Partial<Record<string, Layer>>) =>
  (direction: string): Layer | undefined =>
    over[direction]

const hold = layer({ layer: 'hold', mode: 'held_open' })
const schedule = layer({ layer: 'schedule', mode: 'held_open', by: { kind: 'schedule', id: 'tt', name: 'Mornings' } })

describe('the mode on a tile', () => {
  it('names who holds it and for how long', () => {
    expect(laneLines(device({ mode: 'held_open' }), rules({ '': hold }), now)).toEqual([
      { words: 'Held open by Wang, for 3 hr', usual: false, differs: false },
    ])
  })

  it('names the timetable that holds it, the lockdown and the fire release', () => {
    const words = (l: Layer) => laneLines(device({ mode: l.mode }), rules({ '': l }), now)[0]!.words
    expect(words(schedule)).toBe('Held open by the timetable Mornings, for 3 hr')
    expect(words(layer({}))).toBe('Locked down by Wang, for 3 hr')
    expect(words(layer({ layer: 'fire', mode: 'fire_release' }))).toBe('Fire release by Wang, for 3 hr')
  })

  it('is said once for a turnstile whose directions are alike', () => {
    const d = device({ kind: 'turnstile', mode: 'controlled', modes: { in: 'controlled', out: 'controlled' } })
    expect(laneLines(d, rules({}), now)).toEqual([{ words: 'Controlled', usual: true, differs: false }])
  })

  it('is said for each direction of a turnstile whose one direction is held open', () => {
    const d = device({ kind: 'turnstile', mode: 'held_open', modes: { in: 'held_open', out: 'controlled' } })
    expect(laneLines(d, rules({ in: hold }), now).map((l) => l.words)).toEqual([
      'Entering: Held open by Wang, for 3 hr',
      'Leaving: Controlled',
    ])
  })

  it('is what the device reports: a ruling that it does not follow is named beside it', () => {
    expect(laneLines(device({ mode: 'controlled' }), rules({ '': schedule }), now)).toEqual([
      { words: 'Controlled · should be Held open by the timetable Mornings', usual: false, differs: true },
    ])
    expect(laneLines(device({ mode: '' }), rules({}), now)[0]!.words).toBe('Mode unknown')
  })

  it('is not said of a camera', () => {
    expect(laneLines(device({ kind: 'camera' }), rules({}), now)).toEqual([])
  })
})

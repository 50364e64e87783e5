import { describe, expect, it } from 'vitest'
import { device, layer } from '@/test/things'
import { explained, rulingsOf, rulingWords } from './rulings'

describe('rulingsOf', () => {
  const gate = device({ fireGroup: 'A' })
  const now = Date.parse('2026-01-01T09:00:00.000Z')

  it('has the strongest first, and of two equal ones the newer', () => {
    const all = [
      layer({ layer: 'hold', scope: { kind: 'device', id: 'g1', direction: '' }, revision: 9 }),
      layer({ scope: { kind: 'zone', id: 'z1', direction: '' }, revision: 3 }),
      layer({ layer: 'fire', scope: { kind: 'group', id: 'A', direction: '' } }),
      layer({ revision: 4 }),
    ]
    expect(rulingsOf(gate, '', all, now).map((l) => [l.layer, l.revision])).toEqual([
      ['fire', 1],
      ['lockdown', 4],
      ['lockdown', 3],
      ['hold', 9],
    ])
  })

  it('leaves out what covers something else, is released or has run out', () => {
    const all = [
      layer({ site: 's2' }),
      layer({ set: false }),
      layer({ until: '2026-01-01T09:00:00.000Z' }),
      layer({ scope: { kind: 'zone', id: 'z2', direction: '' } }),
      layer({ scope: { kind: 'device', id: 'g1', direction: 'in' } }),
      layer({ layer: 'fire', scope: { kind: 'group', id: 'B', direction: '' } }),
    ]
    expect(rulingsOf(gate, '', all, now)).toEqual([])
    expect(
      rulingsOf(device(), '', [layer({ layer: 'fire', scope: { kind: 'group', id: '', direction: '' } })], now),
    ).toEqual([])
  })
})

describe('rulingWords', () => {
  it('names the timetable that holds an opening, and until when', () => {
    const words = rulingWords(
      layer({
        layer: 'schedule',
        mode: 'held_open',
        by: { kind: 'schedule', id: 'tt1', name: 'Mornings' },
        until: '2026-01-01T09:00:00.000Z',
        reason: 'rush hour',
      }),
    )
    expect(words).toMatch(/^Timetable: Held open, set by Mornings .+ · until .+ · rush hour$/)
  })
})

describe('what is explained of layers', () => {
  const hold = layer({ layer: 'hold', mode: 'held_open', scope: { kind: 'device', id: 'g1', direction: '' } })

  it('is how long the first rules, and what would rule after it', () => {
    const [ends, after] = explained([layer({}), hold])
    expect(ends).toBe('It stays until somebody ends it.')
    expect(after).toMatch(/^If it were released: Hold: Held open, set by Wang/)
  })

  it('is that an opening would be free if nothing lies under it', () => {
    const [ends, after] = explained([{ ...hold, until: '2026-01-01T09:00:00.000Z' }])
    expect(ends).toMatch(/^It ends by itself at .+\.$/)
    expect(after).toBe('If it were released, nothing would hold this opening: it opens by order and credential.')
    expect(explained([])).toEqual([])
  })
})

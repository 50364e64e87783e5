import { expect, test } from 'vitest'
import { withOpenings } from './openings'

test('openings are told by the names of their devices, and those that are gone by their ids', () => {
  const names: Record<string, string> = { g1: 'East gate', t1: 'Lane' }
  const detail = withOpenings({ mode: 'held_open', count: 3, openings: ['g1', 't1/in', 'gone'] }, (id) => names[id])
  expect(detail).toEqual({ mode: 'held_open', count: 3, openings: 'East gate · Lane: Entering · gone' })
  expect(withOpenings({ openings: 4 }, () => '')).toEqual({ openings: 4 })
})

import { expect, it } from 'vitest'
import { byCount, total } from './reasons'

it('reasons stand by how often they happened, the others in their order', () => {
  const list = [
    { reason: 'b', count: 0 },
    { reason: 'a', count: 0 },
    { reason: 'c', count: 7 },
    { reason: 'd', count: 9 },
  ]
  expect(byCount(list).map((r) => r.reason)).toEqual(['d', 'c', 'b', 'a'])
  expect(list[0]!.reason).toBe('b')
  expect(total(list)).toBe(16)
  expect(total([])).toBe(0)
})

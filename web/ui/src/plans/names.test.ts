import { expect, test } from 'vitest'
import { nameSize, namesWithRoom, type Drawn } from './names'

const pin = (device: string, x: number, y: number, name = 'Gate'): Drawn => ({ device, x, y, name })
const none = () => false

test('pins that stand apart all show their names', () => {
  const pins = [pin('a', 100, 100), pin('b', 260, 100), pin('c', 100, 200)]
  expect([...namesWithRoom(pins, none)].sort()).toEqual(['a', 'b', 'c'])
})

test('of pins that stand close one shows its name, and no name lies over another pin', () => {
  expect([...namesWithRoom([pin('a', 100, 100), pin('b', 130, 100)], none)]).toEqual(['a'])
  // The name of a would lie over the circle of b; below b there is room.
  expect([...namesWithRoom([pin('a', 100, 100), pin('b', 100, 140)], none)]).toEqual(['b'])
})

test('a pin that must show its name does, and takes the room from others', () => {
  const pins = [pin('a', 100, 100), pin('b', 130, 100), pin('c', 150, 100), pin('d', 400, 100)]
  expect([...namesWithRoom(pins, (d) => d === 'b')].sort()).toEqual(['b', 'd'])
  expect([...namesWithRoom(pins, (d) => d !== 'd')].sort()).toEqual(['a', 'b', 'c', 'd'])
})

test('a nearer look has room for more names', () => {
  const at = (zoom: number) => namesWithRoom([pin('a', 50 * zoom, 50), pin('b', 80 * zoom, 50)], none).size
  expect([at(1), at(2), at(4)]).toEqual([1, 1, 2])
})

test('names that are seen never cover each other, wherever pins stand', () => {
  let seed = 7
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  const pins = Array.from({ length: 200 }, (_, i) =>
    pin(`d${i}`, next() * 900, next() * 600, i % 2 ? '北门进口' : 'North in'),
  )
  const named = namesWithRoom(pins, none)
  const seen = pins.filter((p) => named.has(p.device))
  expect(seen.length).toBeGreaterThan(5)
  for (const a of seen)
    for (const b of seen)
      if (a !== b) {
        const apart =
          Math.abs(a.x - b.x) >= (nameSize(a.name).w + nameSize(b.name).w) / 2 ||
          Math.abs(a.y - b.y) >= nameSize(a.y < b.y ? a.name : b.name).h
        expect(apart, `${a.device} ${b.device}`).toBe(true)
      }
})

test('a long name has two lines and no more room than its pin gives it', () => {
  expect(nameSize('门')).toEqual({ w: 70, h: 35 })
  expect(nameSize('北门进口 North in, the one beside the guard house')).toEqual({ w: 116, h: 50 })
})

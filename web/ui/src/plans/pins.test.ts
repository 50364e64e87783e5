import { expect, test } from 'vitest'
import { nextPin, part, placed, same, turned, without, type Pin } from './pins'

const pin = (device: string, x: number, y: number, turn: number | null = null): Pin => ({ device, x, y, turn })

test('a pin stays on the picture, however far it is moved', () => {
  expect([part(-3), part(1.2), part(0.123456), part(NaN)]).toEqual([0, 1, 0.1235, NaN])
  expect(placed([pin('a', 0.5, 0.5, 90)], 'a', 2, -1)).toEqual([pin('a', 1, 0, 90)])
  expect(placed([], 'a', 0.5, 0.25)).toEqual([pin('a', 0.5, 0.25)])
})

test('a pin is turned through the top', () => {
  const pins = [pin('a', 0, 0, 345), pin('b', 0, 0)]
  expect(turned(pins, 'a', 360)[0]!.turn).toBe(0)
  expect(turned(pins, 'a', -15)[0]!.turn).toBe(345)
  expect(turned(pins, 'a', null)).toEqual([pin('a', 0, 0), pin('b', 0, 0)])
  expect(without(pins, 'a')).toEqual([pin('b', 0, 0)])
})

test('only what is moved, turned, placed or taken off is a change', () => {
  const pins = [pin('a', 0.1, 0.2), pin('b', 0.3, 0.4, 90)]
  expect(same(pins, [...pins].reverse())).toBe(true)
  for (const other of [placed(pins, 'a', 0.1, 0.3), turned(pins, 'b', 0), without(pins, 'a'), placed(pins, 'c', 0, 0)])
    expect(same(pins, other)).toBe(false)
})

test('an arrow key leads to the next device in that direction', () => {
  const pins = [
    pin('left', 0.1, 0.5),
    pin('mid', 0.5, 0.5),
    pin('right', 0.9, 0.52),
    pin('up', 0.6, 0.1),
    pin('low', 0.55, 0.9),
  ]
  const go = (from: string, key: string) => nextPin(pins, from, key, 0.66)
  expect([go('left', 'ArrowRight'), go('mid', 'ArrowRight')]).toEqual(['mid', 'right'])
  expect([go('mid', 'ArrowUp'), go('mid', 'ArrowDown'), go('mid', 'ArrowLeft')]).toEqual(['up', 'low', 'left'])
  expect([go('left', 'ArrowLeft'), go('up', 'ArrowUp'), go('mid', 'Enter'), go('none', 'ArrowUp')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

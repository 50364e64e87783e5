import { describe, expect, it } from 'vitest'
import { columnsIn, heightOf, stripsOf } from './strips'

const ids = (n: number) => Array.from({ length: n }, (_, i) => `d${i}`)

describe('the strips of a zone', () => {
  it('have whole rows, so that the tiles stand as in one grid', () => {
    const strips = stripsOf(ids(60), 7)
    expect(strips.map((s) => [s.first, s.ids.length])).toEqual([
      [0, 28],
      [28, 28],
      [56, 4],
    ])
    expect(strips.flatMap((s) => s.ids)).toEqual(ids(60))
  })

  it('are the same as long as the list and the columns are', () => {
    const list = ids(60)
    expect(stripsOf(list, 7)).toBe(stripsOf(list, 7))
    expect(stripsOf(list, 5)).not.toBe(stripsOf(list, 7))
  })
})

it('as many tiles stand side by side as have room with the gaps between them, and one at least', () => {
  expect(columnsIn(230, 'normal')).toBe(1)
  expect(columnsIn(471, 'normal')).toBe(1)
  expect(columnsIn(472, 'normal')).toBe(2)
  expect(columnsIn(0, 'large')).toBe(1)
  expect(columnsIn(366, 'dense')).toBe(2)
})

it('keeps the room of what nobody has seen yet', () => {
  expect(heightOf(5, 2, 'normal')).toBe(3 * 172 + 2 * 12)
})

import { expect, test } from 'vitest'
import { clamped, farthest, fitted, nearest, panned, shown, zoomed, type View } from './view'

const room = { w: 800, h: 600 }
const fit = fitted(room, { w: 1200, h: 800 })
const whole = clamped({ zoom: 1, x: 0, y: 0 }, room, fit)

test('the whole picture is seen at first, in the middle of the room', () => {
  expect(fit).toEqual({ w: 800, h: 533.3333333333333 })
  expect(whole).toEqual({ zoom: 1, x: 0, y: (600 - fit.h) / 2 })
  expect(fitted({ w: 0, h: 0 }, { w: 10, h: 10 })).toEqual({ w: 0, h: 0 })
})

test('what is under the pointer stays there while it comes nearer', () => {
  const at = { x: 300, y: 200 }
  const under = (v: View) => [(at.x - v.x) / (fit.w * v.zoom), (at.y - v.y) / (fit.h * v.zoom)]
  const near = zoomed(zoomed(whole, 2, at, room, fit), 1.5, at, room, fit)
  expect(near.zoom).toBe(3)
  under(near).forEach((part, i) => expect(part).toBeCloseTo(under(whole)[i]!, 10))
  expect(zoomed(near, 1 / 3, at, room, fit)).toEqual(whole)
})

test('nobody gets lost: zoom and place have ends', () => {
  expect(zoomed(whole, 100, { x: 0, y: 0 }, room, fit).zoom).toBe(nearest)
  expect(zoomed(whole, 0.01, { x: 0, y: 0 }, room, fit).zoom).toBe(farthest)
  const near = zoomed(whole, 4, { x: 400, y: 300 }, room, fit)
  expect(panned(near, 1e6, 1e6, room, fit)).toMatchObject({ x: 0, y: 0 })
  expect(panned(near, -1e6, -1e6, room, fit)).toMatchObject({ x: room.w - fit.w * 4, y: room.h - fit.h * 4 })
})

test('a place comes into sight, and the picture moves no more than that takes', () => {
  const near = zoomed(whole, 4, { x: 0, y: 0 }, room, fit)
  expect(shown(near, { x: 0.1, y: 0.1 }, room, fit)).toEqual(near)
  const v = shown(near, { x: 0.9, y: 0.1 }, room, fit)
  expect(v.x + 0.9 * fit.w * 4).toBeCloseTo(room.w - 48)
  expect(v.y).toBe(near.y)
})

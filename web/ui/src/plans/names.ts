import type { Size } from './view'

/** A pin as it is drawn: its middle in CSS pixels of the picture, and its name. */
export interface Drawn {
  device: string
  x: number
  y: number
  name: string
}

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** The measures of PlanPin.vue, in CSS pixels: half of its circle, the gap to its name, the widest name, a line. */
const radius = 20
const below = 21
const widest = 116
const line = 15
const around = 14
/** A name stands over the word of a state, which may be as long as this. */
const leastWord = 56

/** Letters of Chinese and the like are as wide as they are high. */
const wide = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/

/** How large a name of two lines at most is, about: nothing is measured while a picture moves. */
export function nameSize(name: string): Size {
  const long = [...name].reduce((sum, c) => sum + (wide.test(c) ? 12 : 7), 0)
  const lines = Math.min(2, Math.max(1, Math.ceil(long / (widest - around))))
  return { w: Math.min(widest, Math.max(long, leastWord) + around), h: (lines + 1) * line + 5 }
}

function boxOf(pin: Drawn): Box {
  const { w, h } = nameSize(pin.name)
  return { left: pin.x - w / 2, right: pin.x + w / 2, top: pin.y + below, bottom: pin.y + below + h }
}

const circleOf = (pin: Drawn): Box => ({
  left: pin.x - radius,
  right: pin.x + radius,
  top: pin.y - radius,
  bottom: pin.y + radius,
})

const covers = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/**
 * The pins whose names are seen: those that must be, whatever they cover, then each that covers neither another pin nor a
 * name that is seen, from the top. The same pins are named wherever the picture is moved to.
 */
export function namesWithRoom(pins: readonly Drawn[], must: (device: string) => boolean): Set<string> {
  const circles = pins.map(circleOf)
  const forced = pins.filter((p) => must(p.device))
  const seen = new Set(forced.map((p) => p.device))
  const taken = forced.map(boxOf)
  const rest = pins
    .map((pin, at) => ({ pin, at }))
    .filter(({ pin }) => !seen.has(pin.device))
    .sort((a, b) => a.pin.y - b.pin.y || a.pin.x - b.pin.x)
  for (const { pin, at } of rest) {
    const box = boxOf(pin)
    if (taken.some((t) => covers(t, box)) || circles.some((c, i) => i !== at && covers(c, box))) continue
    taken.push(box)
    seen.add(pin.device)
  }
  return seen
}

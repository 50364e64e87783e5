import type { Plan } from '@/api/types'

export type Pin = Plan['pins'][number]

/** How far an arrow key moves a pin, in parts of the picture; with Shift farther. */
export const nudge = 0.005
export const leap = 0.05

const steps: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Where a key leads, if it is an arrow. */
export const stepOf = (key: string): [number, number] | undefined => steps[key]

/** A part of the picture: never beside it, and no finer than anybody sees. */
export const part = (v: number): number => Math.round(Math.min(1, Math.max(0, v)) * 1e4) / 1e4

/** The pins with one of them elsewhere; one that is not there yet is placed. */
export function placed(pins: readonly Pin[], device: string, x: number, y: number): Pin[] {
  const at = { x: part(x), y: part(y) }
  return pins.some((p) => p.device === device)
    ? pins.map((p) => (p.device === device ? { ...p, ...at } : p))
    : [...pins, { device, turn: null, ...at }]
}

/** The pins with one of them leading elsewhere, in degrees from the top; null: nowhere. */
export const turned = (pins: readonly Pin[], device: string, turn: number | null): Pin[] =>
  pins.map((p) => (p.device === device ? { ...p, turn: turn === null ? null : ((turn % 360) + 360) % 360 } : p))

export const without = (pins: readonly Pin[], device: string): Pin[] => pins.filter((p) => p.device !== device)

/** Are they the same, in whatever order? */
export function same(a: readonly Pin[], b: readonly Pin[]): boolean {
  const text = (pins: readonly Pin[]) =>
    JSON.stringify(pins.map((p) => [p.device, p.x, p.y, p.turn ?? null]).sort((p, q) => (p[0]! < q[0]! ? -1 : 1)))
  return text(a) === text(b)
}

/**
 * The pin that an arrow key leads to from another: the nearest one in that direction. What lies aside counts twice, so
 * that a row is walked along. height is that of the picture in parts of its width.
 */
export function nextPin(pins: readonly Pin[], from: string, key: string, height: number): string | undefined {
  const way = stepOf(key)
  const here = pins.find((p) => p.device === from)
  if (!way || !here) return undefined
  let best: string | undefined
  let least = Infinity
  for (const p of pins) {
    const dx = p.x - here.x
    const dy = (p.y - here.y) * height
    const ahead = dx * way[0] + dy * way[1]
    const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0])
    if (p.device === from || ahead <= 1e-6) continue
    const far = ahead + 2 * aside
    if (far < least) [best, least] = [p.device, far]
  }
  return best
}

import type { Device } from '@/api/types'
import { openingsOf } from '@/safety/rulings'
import { actionsOf, type DeviceAction } from '@/wall/panel/actions'

/** How many lanes stand on the screen at most: so many keys open them. */
export const mostLanes = 6

/** One opening on the screen: a gate, or one direction of a turnstile. */
export interface Lane {
  device: string
  /** Empty for a device with a single opening. */
  direction: '' | 'in' | 'out'
}

/** A lane as it stands in the address: g1, or t1.in for a direction. */
export const laneKey = (l: Lane): string => (l.direction ? `${l.device}.${l.direction}` : l.device)

/** The lanes of an address, in their order: each once, no more than fit. What is none is left out. */
export function lanesOf(text: string): Lane[] {
  const seen = new Map<string, Lane>()
  for (const part of text.split(',')) {
    const [, device, direction = ''] = /^([\w-]+?)(?:\.(in|out))?$/.exec(part.trim()) ?? []
    if (device) seen.set(part.trim(), { device, direction: direction as Lane['direction'] })
  }
  return [...seen.values()].slice(0, mostLanes)
}

export const lanesText = (lanes: readonly Lane[]): string => lanes.map(laneKey).join()

/** Every lane that a device has. */
export const lanesOfDevice = (d: Pick<Device, 'id' | 'kind'>): Lane[] =>
  openingsOf(d).map((direction) => ({ device: d.id, direction: direction as Lane['direction'] }))

/** What the big button of a lane orders: undefined if the device cannot open. */
export function openOf(
  d: Pick<Device, 'kind' | 'capabilities'>,
  direction: Lane['direction'],
): DeviceAction | undefined {
  return actionsOf(d).find((a) => a.action === 'open' || (a.action === 'pass' && a.args?.direction === direction))
}

/** What else a lane's device does to the same opening. */
export const othersOf = (d: Pick<Device, 'kind' | 'capabilities'>): DeviceAction[] =>
  actionsOf(d).filter((a) => a.action === 'close' || a.action === 'stop')

/** Which lane a key opens, from 0; -1: none. */
export const laneOfKey = (key: string, count: number): number => {
  const at = /^[1-6]$/.test(key) ? Number(key) - 1 : -1
  return at < count ? at : -1
}

/** The lanes with one of them moved: up by -1, down by 1. */
export function moved(lanes: readonly Lane[], at: number, by: -1 | 1): Lane[] {
  const next = [...lanes]
  const to = at + by
  if (to < 0 || to >= next.length) return next
  ;[next[at], next[to]] = [next[to]!, next[at]!]
  return next
}

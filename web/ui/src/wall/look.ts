import type { Device } from '@/api/types'

/** What a tile shows at a glance. One word, one shape, one colour each. */
export type Look = 'open' | 'closed' | 'moving' | 'alarm' | 'unknown' | 'offline' | 'ready'

const byPhysical: Record<string, Look> = {
  open: 'open',
  opening: 'moving',
  closed: 'closed',
  closing: 'moving',
  stopped: 'alarm',
  fault: 'alarm',
}

/** The look of a device. Whatever is not known for sure is unknown. */
export function lookOf(d: Device): Look {
  if (d.link.status !== 'online') return 'offline'
  if (d.doubt || !d.reportedAt) return 'unknown'
  if (d.fault || d.tamper || d.alarm) return 'alarm'
  if (d.kind === 'camera') return 'ready'
  return byPhysical[d.physical] ?? 'unknown'
}

/** Something that somebody should look after. A device that was never connected is not one: it is being installed. */
export function isProblem(d: Device): boolean {
  return d.link.status === 'offline' || d.link.flapping || lookOf(d) === 'alarm'
}

/** The filters above the wall, in their order. */
export const counters = ['all', 'problem', 'offline', 'open', 'moving', 'closed', 'unknown'] as const
export type Counter = (typeof counters)[number]

/** Does a device count under this filter? */
export function counts(c: Counter, d: Device): boolean {
  if (c === 'all') return true
  if (c === 'problem') return isProblem(d)
  return lookOf(d) === c
}

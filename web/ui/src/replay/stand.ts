import type { Device, ReplayDevice, ReplayLine } from '@/api/types'

/** How devices stood at a moment of a replay: as they did before it, with every line up to then. */

type Link = Device['link']

/** What is known of a device at some moment. */
export interface Stand {
  link: Link
  values: Readonly<Record<string, string>>
}

export const beginning = (d: ReplayDevice): Stand => ({ link: d.link, values: d.values })

/** How a device stands after a line of it. */
export function after(s: Stand, l: ReplayLine): Stand {
  if (l.change) return { ...s, values: { ...s.values, [l.change.field]: l.change.now } }
  if (!l.link) return s
  const status = l.link.online ? 'online' : 'offline'
  return { ...s, link: { ...s.link, status, since: l.at, cause: l.link.cause } }
}

/** A part of time in which a device stood in one way. */
export interface Stretch {
  from: number
  stand: Stand
}

/** Every way in which a device stood, the first from the beginning on. */
export function stretchesOf(d: ReplayDevice, lines: readonly ReplayLine[], from: number): Stretch[] {
  const all: Stretch[] = [{ from, stand: beginning(d) }]
  for (const l of lines) {
    if (l.device !== d.id) continue
    const last = all.at(-1)!
    const stand = after(last.stand, l)
    if (stand === last.stand) continue
    const at = Date.parse(l.at)
    if (at === last.from) all[all.length - 1] = { from: at, stand }
    else all.push({ from: at, stand })
  }
  return all
}

/** The last of some things, in order, that is not after a moment; -1: none is. */
export function lastUpTo<T>(all: readonly T[], at: number, when: (x: T) => number): number {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (when(all[middle]!) <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}

export const standAt = (all: readonly Stretch[], at: number): Stand =>
  all[
    Math.max(
      0,
      lastUpTo(all, at, (s) => s.from),
    )
  ]!.stand

/**
 * The device as it is drawn when it stands so. What is not kept is unknown, and so is a device that is offline. A camera
 * reports no physical state: that it was connected is enough.
 */
export function drawn(d: ReplayDevice, site: string, s: Stand): Device {
  const known = d.kind === 'camera' || s.values.physical !== undefined
  const modes: Record<string, string> = {}
  for (const direction of ['in', 'out']) {
    const mode = s.values[`mode.${direction}`]
    if (mode) modes[direction] = mode
  }
  return {
    id: d.id,
    site,
    zone: d.zone,
    kind: d.kind,
    name: d.name,
    link: s.link,
    mode: s.values.mode ?? '',
    modes,
    physical: (s.values.physical || 'unknown') as Device['physical'],
    tamper: s.values.tamper === 'true',
    fault: s.values.fault ?? '',
    alarm: (s.values.alarm ?? '') as Device['alarm'],
    power: (s.values.power ?? '') as Device['power'],
    doubt: known ? '' : 'not_reported',
    reportedAt: known ? '1970-01-01T00:00:00Z' : null,
    counters: {},
    capabilities: [],
    firmware: '',
    unsigned: false,
    lastEvent: null,
    signal: null,
    heartbeat: 0,
    clockDrift: null,
    telemetry: null,
    config: { revision: 0, reported: 0, status: '' },
    fireGroup: '',
    fireInput: '',
    revision: 0,
  }
}

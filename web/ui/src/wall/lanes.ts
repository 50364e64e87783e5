import type { Device } from '@/api/types'
import { openingsOf } from '@/safety/rulings'

/** What a mode does to whoever comes: it waits for a credential, lets everybody pass, or lets nobody pass. */
export type Sign = 'asks' | 'passes' | 'blocked' | 'unknown'

const signs: Record<string, Sign> = {
  controlled: 'asks',
  held_open: 'passes',
  fire_release: 'passes',
  held_closed: 'blocked',
  locked_down: 'blocked',
}

/** One opening of a device: a direction of a turnstile, or the whole of a gate. */
export interface Lane {
  /** in or out; empty for a single opening. */
  direction: string
  /** The mode that the device reports of it; empty if it is not known. */
  mode: string
  sign: Sign
  /** How its leaf stands. */
  physical: Device['physical']
}

const claims: Record<Sign, number> = { passes: 2, asks: 1, unknown: 1, blocked: 0 }

/**
 * The openings of a device as it reports them. A turnstile reports one physical state for both directions: what is not
 * closed is the direction that lets more people pass, and both while they are alike.
 */
export function lanesOf(d: Device): Lane[] {
  const lanes = openingsOf(d).map((direction) => {
    const mode = d.modes?.[direction] || d.mode
    return { direction, mode, sign: signs[mode] ?? 'unknown' }
  })
  const strongest = Math.max(...lanes.map((l) => claims[l.sign]))
  return lanes.map((l) => ({ ...l, physical: claims[l.sign] === strongest ? d.physical : shut(d.physical) }))
}

/** How a lane stands beside another that accounts for what moves. */
function shut(physical: Device['physical']): Device['physical'] {
  return physical === 'fault' || physical === 'unknown' ? physical : 'closed'
}

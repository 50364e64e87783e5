import type { Device, FireReport, Layer } from '@/api/types'
import { openingsOf, rulingsOf } from './rulings'

/**
 * How far an opening is with what it was told. proven: its newest report says so. lost: it said so, and says so no more.
 * told: nothing came back yet. unreached: it was not told, or cannot. overruled: something stronger rules it.
 */
export type DoorState = 'proven' | 'lost' | 'told' | 'unreached' | 'overruled'

/** One opening in a list of proof. Times are those of the server; null is not yet. */
export interface Door {
  key: string
  device: string
  name: string
  direction: string
  state: DoorState
  /** Since when it is in this state. */
  at: string
  told: string | null
  confirmed: string | null
  /** From the order to the confirmation. */
  seconds: number | null
  /** Why not: a word of the server, or the cause of an end of a connection. */
  problem: string
}

/** The worst stands first: what somebody has to go to. */
const worst: readonly DoorState[] = ['lost', 'unreached', 'told', 'overruled', 'proven']

function sorted(doors: Door[]): Door[] {
  const people = (a: Door, b: Door) =>
    a.name.localeCompare(b.name, undefined, { numeric: true }) || a.direction.localeCompare(b.direction)
  return doors.sort((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state) || people(a, b))
}

/** The openings of a fire release. */
export function fireDoors(r: FireReport): Door[] {
  return sorted(
    (r.openings ?? []).map((p) => {
      const door = { key: `${p.device} ${p.direction}`, device: p.device, name: p.name, direction: p.direction }
      const rest = { told: p.commanded, confirmed: p.confirmed, seconds: p.seconds, problem: p.problem }
      if (p.holds) return { ...door, ...rest, state: 'proven', at: p.confirmed ?? r.since }
      if (p.confirmed) return { ...door, ...rest, state: 'lost', at: p.confirmed }
      if (p.commanded && !p.problem) return { ...door, ...rest, state: 'told', at: p.commanded }
      return { ...door, ...rest, state: 'unreached', at: p.commanded ?? r.since }
    }),
  )
}

/** The openings that a lockdown covers. A barrier that has not come down yet is not locked, whatever its mode says. */
export function lockdownDoors(l: Layer, devices: readonly Device[], layers: readonly Layer[], now: number): Door[] {
  return sorted(
    devices.flatMap((d) =>
      openingsOf(d).flatMap((direction) => {
        const over = rulingsOf(d, direction, layers, now)
        if (!over.some((o) => o.id === l.id)) return []
        const door = { key: `${d.id} ${direction}`, device: d.id, name: d.name, direction }
        return [{ ...door, told: l.since, confirmed: null, seconds: null, ...lockState(d, direction, l, over[0]!) }]
      }),
    ),
  )
}

function lockState(d: Device, direction: string, l: Layer, rules: Layer): Pick<Door, 'state' | 'at' | 'problem'> {
  if (rules.layer === 'fire') return { state: 'overruled', at: rules.since, problem: '' }
  if (d.link.status !== 'online') return { state: 'unreached', at: d.link.since ?? l.since, problem: d.link.cause }
  const mode = d.modes?.[direction] ?? d.mode
  const down = direction !== '' || d.physical === 'closed'
  if (mode === 'locked_down' && down) return { state: 'proven', at: l.since, problem: '' }
  return { state: 'told', at: l.since, problem: '' }
}

/** How many of some openings are proven. */
export const provenOf = (doors: readonly Door[]): number => doors.filter((d) => d.state === 'proven').length

/** A table as text that a spreadsheet opens right, and takes no cell of for a formula. */
export function csv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
  return `\ufeff${rows.map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`
}

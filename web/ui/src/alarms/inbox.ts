import type { Alarm } from '@/api/types'

/** The severities, the gravest first, as the server has them. */
export const severities = ['critical', 'major', 'minor', 'warning'] as const

/** Every type of alarm, the gravest first, as the server's table has them. */
export const types = [
  'fire',
  'forced_open',
  'tamper',
  'climb_over',
  'other_content',
  'did_not_move',
  'fault',
  'offline',
  'record_pending',
  'mode_not_taken',
  'held_open_too_long',
  'tailgating',
  'reverse_entry',
  'uncertain',
  'unknown_answer',
  'low_power',
  'flapping',
  'opened_without_command',
  'pass_timeout',
  'bad_message',
  'clock_drift',
  'config_drift',
] as const satisfies readonly Alarm['type'][]

const loudness = ['escalated', 'loud', 'silent']

/** What somebody should see to first: what nobody came for, then the graver, then the newer. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    loudness.indexOf(a.loudness) - loudness.indexOf(b.loudness) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    b.lastSeen.localeCompare(a.lastSeen)
  )
}

/** Orders of the inbox. */
export const sorts = ['urgency', 'newest', 'device'] as const
export type Sort = (typeof sorts)[number]

/** Compares by an order; names gives the name of a device. */
export function comparing(sort: string, names: (device: string) => string): (a: Alarm, b: Alarm) => number {
  if (sort === 'newest') return (a, b) => b.raised.localeCompare(a.raised) || b.id.localeCompare(a.id)
  if (sort !== 'device') return byUrgency
  return (a, b) =>
    names(a.device).localeCompare(names(b.device), undefined, { numeric: true }) ||
    a.device.localeCompare(b.device) ||
    byUrgency(a, b)
}

/** What draws people to it: nobody has acknowledged it, and nobody muted it. */
export const isLoud = (a: Alarm): boolean => a.loudness !== 'silent'

export interface Filter {
  site: string
  zone: string
  device: string
  type: string
  severity: string
  state: string
  /** Id of who sees to it; nobody: none does. */
  assignee: string
  text: string
}

/** The filter for what none sees to. */
export const nobody = 'nobody'

/**
 * Does an open alarm pass the filters? The server decides the same of those that are resolved. words is what the list says
 * of it.
 */
export function passes(a: Alarm, f: Filter, words: (a: Alarm) => string): boolean {
  return (
    (!f.site || a.site === f.site) &&
    (!f.zone || a.zone === f.zone) &&
    (!f.device || a.device === f.device) &&
    (!f.type || a.type === f.type) &&
    (!f.severity || a.severity === f.severity) &&
    (f.state === 'open' || a.state === f.state) &&
    (!f.assignee || (a.assignee?.id ?? nobody) === f.assignee) &&
    (!f.text || words(a).toLowerCase().includes(f.text.toLowerCase()))
  )
}

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

/** What draws people to it: nobody has acknowledged it, and nobody muted it. */
export const isLoud = (a: Alarm): boolean => a.loudness !== 'silent'

export interface Filter {
  site: string
  zone: string
  device: string
  type: string
  severity: string
  state: string
}

/** Does an open alarm pass the filters? The server decides the same of those that are resolved. */
export function passes(a: Alarm, f: Filter): boolean {
  return (
    (!f.site || a.site === f.site) &&
    (!f.zone || a.zone === f.zone) &&
    (!f.device || a.device === f.device) &&
    (!f.type || a.type === f.type) &&
    (!f.severity || a.severity === f.severity) &&
    (f.state === 'open' || a.state === f.state)
  )
}

import type { Alarm } from '@/api/types'
import { isLoud } from './inbox'
import { holds, type Quiet } from './quiet'
import type { Sound } from './tones'

/** After how many ms without news a silent screen is heard, too. */
export const blindHeardAfter = 30_000

/** Alarms that are heard until a person acknowledges them. */
export const audible = (a: Alarm): boolean => isLoud(a) && (a.severity === 'critical' || a.severity === 'major')

/** It sounds as the gravest: it is, or nobody came for it. */
const urgent = (a: Alarm): boolean => a.severity === 'critical' || a.loudness === 'escalated'

export interface Situation {
  alarms: readonly Alarm[]
  /** Since when this page is blind, in ms; undefined if it is not. */
  blindSince: number | undefined
  quiet: Quiet | undefined
  now: number
}

/**
 * What is to be heard. A mute of this browser quiets what is known when it begins: a critical alarm that is raised later
 * is heard all the same.
 */
export function soundOf(s: Situation): Sound | undefined {
  const muted = holds(s.quiet, s.now)
  const heard = s.alarms.filter(
    (a) => audible(a) && (!muted || (a.severity === 'critical' && Date.parse(a.raised) > s.quiet!.since)),
  )
  if (heard.some(urgent)) return 'critical'
  if (!muted && s.blindSince !== undefined && s.now - s.blindSince >= blindHeardAfter) return 'blind'
  return heard.length > 0 ? 'major' : undefined
}

/** Alarms nobody may miss: critical ones that no person has acknowledged, the newest first. */
export const unmissable = (alarms: readonly Alarm[]): Alarm[] =>
  alarms
    .filter((a) => isLoud(a) && a.severity === 'critical')
    .sort((a, b) => b.raised.localeCompare(a.raised) || b.id.localeCompare(a.id))

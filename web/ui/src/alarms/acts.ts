import type { Alarm } from '@/api/types'
import { alarms } from '@/live/state'
import { can } from '@/session/session'

/** What somebody may do about an alarm. */
export type Act = 'acknowledge' | 'comment' | 'resolve' | 'assign' | 'mute'

/** What whoever is signed in may do about an alarm as it is now. */
export function actsOn(a: Alarm): Act[] {
  const list: Act[] = []
  if (can('alarms.handle') && !a.acknowledged && !a.resolved) list.push('acknowledge')
  if (can('alarms.handle')) list.push('comment')
  if (can('alarms.manage') && !a.resolved) list.push('assign', 'resolve')
  if (can('alarms.manage')) list.push('mute')
  return list
}

/** Takes what the server answered, before the feed tells it. */
export function taken(a: Alarm): void {
  if (a.resolved) alarms.remove(a.id)
  else alarms.merge(a)
}

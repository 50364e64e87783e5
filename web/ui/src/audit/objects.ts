import type { AuditEntry } from '@/api/types'

/**
 * The names of objects that rows tell of themselves: whoever acted is an account, and what was made or changed is named
 * in its details. The first row that names an object counts: it is the newest.
 */
export function namesIn(rows: readonly AuditEntry[]): Map<string, string> {
  const names = new Map<string, string>()
  const learn = (object: string, name: unknown) => {
    if (typeof name === 'string' && name !== '' && !names.has(object)) names.set(object, name)
  }
  for (const e of rows) {
    const kind = e.object.slice(0, e.object.indexOf(':'))
    if (kind === 'backup') learn(e.object, e.object.slice('backup:'.length)) // by its file
    // A sign-in at a booth names the booth, not who signed in.
    if (kind === 'integrator' || e.verb.startsWith(`${kind}.`)) learn(e.object, e.detail?.name)
    if (kind === 'timetable' || kind === 'schedule' || kind === 'plan') learn(e.object, formOf(e)?.name)
    if (e.actor.kind === 'operator') learn(`operator:${e.actor.id}`, e.actor.name)
    if (e.actor.kind === 'schedule' && e.object === `timetable:${e.actor.id}`) learn(e.object, e.actor.name)
  }
  return names
}

/** What was made of something, or what it was before it was deleted. */
function formOf(e: AuditEntry): { name?: unknown } | undefined {
  return (e.detail?.after ?? e.detail?.before) as { name?: unknown } | undefined
}

/** One thing that a row of the audit trail tells of: what it was, if that is known, and what it is. */
export interface Change {
  name: string
  before?: string
  after: string
}

/** A value as a person reads it. */
function words(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)

/** What a detail says, one line each. Of two objects before and after, only what differs. */
export function changesOf(detail: Record<string, unknown>): Change[] {
  const { before, after, ...rest } = detail
  const lines: Change[] = []
  if (isObject(before) || isObject(after)) {
    const was = isObject(before) ? before : {}
    const is = isObject(after) ? after : {}
    for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (words(was[name]) !== words(is[name])) lines.push({ name, before: words(was[name]), after: words(is[name]) })
    }
  } else if ('before' in detail || 'after' in detail) {
    lines.push({ name: '', before: words(before), after: words(after) })
  }
  for (const [name, value] of Object.entries(rest)) lines.push({ name, after: words(value) })
  return lines
}

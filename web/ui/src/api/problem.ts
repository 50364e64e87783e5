import type { Problem as Refusal } from './types'

/** One wrong field of a request. */
export interface FieldProblem {
  location?: string
  /** Stable; the console translates by it. wrong: only the message says what would be right. */
  code?: string
  /** The number that was crossed. */
  bound?: number
  /** What would be right, in English. */
  message?: string
}

/**
 * What went wrong with a request, by a stable code that the console translates. unreachable is the console's own: no
 * answer came, so it is not known whether the server did it.
 */
export class Problem extends Error {
  constructor(
    readonly code: string,
    /** The server's own words, in English: shown under details. */
    readonly detail = '',
    readonly status = 0,
    readonly fields: FieldProblem[] = [],
    /** With code refused: the layer that rules the opening. */
    readonly ruling?: Refusal['ruling'],
  ) {
    super(detail ? `${code}: ${detail}` : code)
    this.name = 'Problem'
  }
}

/** Reads the body of a refused request. */
export function problemOf(status: number, body: unknown): Problem {
  const b = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const fields = Array.isArray(b.errors) ? (b.errors as FieldProblem[]) : []
  const code = typeof b.code === 'string' && b.code !== '' ? b.code : codeOf(status)
  const detail = typeof b.detail === 'string' ? b.detail : typeof b.title === 'string' ? b.title : ''
  return new Problem(code, detail, status, fields, b.ruling as Refusal['ruling'])
}

/** Anything that was thrown, as a Problem. */
export function asProblem(err: unknown): Problem {
  return err instanceof Problem ? err : new Problem('internal', err instanceof Error ? err.message : String(err))
}

function codeOf(status: number): string {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 409) return 'conflict'
  if (status === 429) return 'throttled'
  if (status === 502 || status === 503 || status === 504) return 'unavailable'
  return status >= 500 ? 'internal' : 'invalid'
}

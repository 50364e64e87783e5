import createClient from 'openapi-fetch'
import { Problem, problemOf } from './problem'
import type { paths } from './schema'

/** The typed client: paths, parameters, bodies and answers come from web/openapi.yaml. */
export const client = createClient<paths>({
  // Looked up at each call, so that a test can put its own in place.
  fetch: (request: Request) => globalThis.fetch(request),
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

type Listener = (code: string) => void
const listeners = new Set<Listener>()

/** Tells about each problem that concerns the whole page (signed out, not set up yet). */
export function onGlobalProblem(f: Listener): () => void {
  listeners.add(f)
  return () => listeners.delete(f)
}

/**
 * The one way from a request to its answer: the data, or a thrown Problem. No answer at all is the code unreachable.
 */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await request
  } catch (err) {
    throw new Problem('unreachable', err instanceof Error ? err.message : String(err))
  }
  if (answer.response.ok) return answer.data as T
  const problem = problemOf(answer.response.status, answer.error)
  for (const listener of listeners) listener(problem.code)
  throw problem
}

/** A new idempotency key: the server does what it names once, however often it is sent. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  // Plain HTTP behind a declared proxy: no randomUUID outside a secure context.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

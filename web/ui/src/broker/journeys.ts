import type { TraceStep } from '@/api/types'

/** A message with all that happened to it. */
export interface Journey {
  message: number
  topic: string
  from: string
  qos: number
  size: number
  steps: TraceStep[]
}

/** The messages of a trace with their steps in order, the newest message first. */
export function journeys(events: readonly TraceStep[]): Journey[] {
  const found = new Map<number, Journey>()
  for (const e of events) {
    let j = found.get(e.message)
    if (!j) {
      j = { message: e.message, topic: e.topic, from: e.from, qos: e.qos, size: e.size, steps: [] }
      found.set(e.message, j)
    }
    j.steps.push(e)
  }
  return [...found.values()].sort((a, b) => b.message - a.message)
}

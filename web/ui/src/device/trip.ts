import type { Command } from '@/api/types'

/** How quick an order was, in ms; null where that step did not come. */
export interface Trip {
  /** From the moment it was written to the connection until the device answered. */
  answer: number | null
  /** From the order until the device's own report showed it. */
  report: number | null
}

/** The round trip of an order, by the times of its ladder. */
export function tripOf(c: Command): Trip {
  const at = (step: string): number | null => {
    const rung = (c.rungs ?? []).find((r) => r.step === step)
    return rung ? Date.parse(rung.at) : null
  }
  const between = (from: number | null, to: number | null) => (from === null || to === null ? null : to - from)
  return {
    answer: between(at('sent'), at('done')),
    report: between(at('accepted') ?? Date.parse(c.issued), at('confirmed')),
  }
}

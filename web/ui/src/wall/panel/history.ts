import type { Command } from '@/api/types'
import { newerCommand } from '@/live/newer'

/** Which orders are meant; what is empty means any. Times in the form of the API. */
export interface Chosen {
  action: string
  by: string
  from?: string
  before?: string
}

/** Is a command one of those that are meant? As the server has it. */
export function isChosen(c: Command, chosen: Chosen): boolean {
  const at = Date.parse(c.issued)
  return (
    (!chosen.action || c.action === chosen.action) &&
    (!chosen.by || c.actor.kind === chosen.by) &&
    (!chosen.from || at >= Date.parse(chosen.from)) &&
    (!chosen.before || at < Date.parse(chosen.before))
  )
}

/** Orders of two sources, each once as it was last told, newest first. */
export function mergedOrders(told: readonly Command[], fresh: readonly Command[]): Command[] {
  const byId = new Map<string, Command>()
  for (const c of [...told, ...fresh]) {
    const held = byId.get(c.id)
    if (!held || newerCommand(held, c)) byId.set(c.id, c)
  }
  return [...byId.values()].sort((a, b) => Date.parse(b.issued) - Date.parse(a.issued))
}

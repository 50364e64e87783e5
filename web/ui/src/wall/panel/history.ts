import type { Command } from '@/api/types'
import { newerCommand } from '@/live/newer'

/** Orders of two sources, each once as it was last told, newest first. */
export function mergedOrders(told: readonly Command[], fresh: readonly Command[]): Command[] {
  const byId = new Map<string, Command>()
  for (const c of [...told, ...fresh]) {
    const held = byId.get(c.id)
    if (!held || newerCommand(held, c)) byId.set(c.id, c)
  }
  return [...byId.values()].sort((a, b) => Date.parse(b.issued) - Date.parse(a.issued))
}

import type { Command } from '@/api/types'

/**
 * Whether what is said of a command is newer than what is held. While its record is pending a command has no revision:
 * whatever is recorded stands against it, and of two that are pending the longer ladder is the newer.
 */
export function newerCommand(held: Command, said: Command): boolean {
  if (held.recordPending !== said.recordPending) return held.recordPending
  if (said.recordPending) return (said.rungs?.length ?? 0) > (held.rungs?.length ?? 0)
  return said.revision > held.revision
}

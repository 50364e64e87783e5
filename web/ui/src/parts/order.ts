import type { Command } from '@/api/types'
import type { Problem } from '@/api/problem'
import { newerCommand } from '@/live/newer'

/**
 * One button and what became of its last press. Nothing in it is hoped for: sending until the server answered, waiting
 * until the command ended by the server's word.
 */
export type Order =
  | { phase: 'idle' }
  | { phase: 'sending'; key: string; pressedAt: number }
  | { phase: 'waiting'; pressedAt: number; command: Command }
  | { phase: 'ended'; pressedAt: number; command: Command }
  /** The server said no: no command exists. */
  | { phase: 'refused'; pressedAt: number; problem: Problem }
  /** No answer came: a command may exist. The same key finds out without doing it twice. */
  | { phase: 'unclear'; pressedAt: number; key: string; problem: Problem }

/** A second press within this time does nothing: a nervous finger is not a second order. */
export const doublePress = 2_000
/** So long after a press whose fate is unclear the next press asks with the same key. Longer than any command lives. */
const sameIntent = 30_000

export const idle: Order = { phase: 'idle' }

export function mayPress(o: Order, now: number): boolean {
  if (o.phase === 'idle') return true
  if (o.phase === 'sending' || o.phase === 'waiting') return false
  return now - o.pressedAt >= doublePress
}

export function press(o: Order, now: number, newKey: () => string): Order {
  const key = o.phase === 'unclear' && now - o.pressedAt < sameIntent ? o.key : newKey()
  return { phase: 'sending', key, pressedAt: now }
}

/** The server knows the command, or says more of it. Older news changes nothing. */
export function learned(o: Order, command: Command): Order {
  if (o.phase === 'idle' || o.phase === 'refused') return o
  if (
    (o.phase === 'waiting' || o.phase === 'ended') &&
    (o.command.id !== command.id || !newerCommand(o.command, command))
  )
    return o
  return { phase: command.ended ? 'ended' : 'waiting', pressedAt: o.pressedAt, command }
}

export function refusedBy(o: Order, problem: Problem): Order {
  if (o.phase !== 'sending') return o
  if (problem.code === 'unreachable') return { phase: 'unclear', pressedAt: o.pressedAt, key: o.key, problem }
  return { phase: 'refused', pressedAt: o.pressedAt, problem }
}

export const steps = ['accepted', 'sent', 'delivered', 'done', 'confirmed'] as const
export const good = (step: string): boolean => step === 'confirmed'
/** Ends after which it is not known whether the device moved. */
export const doubtful = (step: string): boolean => step === 'uncertain' || step === 'did_not_move'

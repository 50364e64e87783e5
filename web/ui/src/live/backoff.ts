const first = 500
const most = 10_000

/**
 * How long to wait before attempt n (0 for the first one after a working link): doubles from 0.5 s to 10 s. A random
 * half of it is jitter, so that a hundred consoles do not come back in the same instant.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(most, first * 2 ** Math.min(attempt, 10))
  return Math.round(full / 2 + (full / 2) * random())
}

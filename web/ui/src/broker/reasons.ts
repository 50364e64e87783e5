export interface ReasonCount {
  reason: string
  count: number
}

/** Reasons with the most frequent first; those that never happened keep their order. */
export function byCount(list: readonly ReasonCount[]): ReasonCount[] {
  return [...list].sort((a, b) => b.count - a.count)
}

export const total = (list: readonly ReasonCount[]): number => list.reduce((sum, r) => sum + r.count, 0)

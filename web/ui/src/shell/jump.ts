import type { RouteLocationRaw } from 'vue-router'

/** Somewhere to go: a page, a device, a place. */
export interface Target {
  key: string
  /** What it is called. */
  name: string
  /** What it is and where, for people. */
  what: string
  to: RouteLocationRaw
}

/** How many are offered at once. */
export const offered = 12

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** How well a name answers to a word: 0 not at all; a beginning counts more than a word in it, that more than a part. */
function rank(name: string, word: string): number {
  const at = name.indexOf(word)
  if (at < 0) return 0
  if (at === 0) return 3
  return /[\p{L}\p{N}]/u.test(name[at - 1]!) ? 1 : 2
}

/**
 * The targets that answer to all words of what somebody typed, the best first; as they stand where two are as good. A
 * word may stand in what a target is as well as in its name: "north gate 3".
 */
export function find(targets: readonly Target[], typed: string, most = offered): Target[] {
  const words = fold(typed).split(/\s+/).filter(Boolean)
  if (words.length === 0) return targets.slice(0, most)
  const found: { target: Target; score: number }[] = []
  for (const target of targets) {
    const name = fold(target.name)
    const what = fold(target.what)
    let score = 0
    for (const word of words) {
      const points = 4 * rank(name, word) + rank(what, word)
      if (points === 0) {
        score = 0
        break
      }
      score += points
    }
    if (score > 0) found.push({ target, score })
  }
  found.sort((a, b) => b.score - a.score)
  return found.slice(0, most).map((f) => f.target)
}

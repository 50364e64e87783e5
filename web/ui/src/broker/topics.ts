/** How many levels may be unfolded at once: each of them asks the server for itself. */
export const maxUnfolded = 20

/** Whether a level is unfolded: it is itself, or one below it, which was there when levels were not yet apart. */
export const isUnfolded = (unfolded: readonly string[], prefix: string): boolean =>
  prefix !== '' && unfolded.some((u) => u.startsWith(prefix))

/** The unfolded levels after one was folded, with all below it, or unfolded. */
export function toggled(unfolded: readonly string[], prefix: string): string[] {
  if (isUnfolded(unfolded, prefix)) return unfolded.filter((u) => !u.startsWith(prefix))
  return [...unfolded, prefix].slice(-maxUnfolded)
}

/** The levels above a prefix, the outermost first, each with its own prefix. */
export function crumbs(prefix: string): { name: string; prefix: string }[] {
  const names = prefix.split('/').slice(0, -1)
  return names.map((name, i) => ({ name, prefix: `${names.slice(0, i + 1).join('/')}/` }))
}

/** Messages a second, with as many digits as are worth reading. */
export const perSecond = (n: number): number => (n >= 10 ? Math.round(n) : Math.round(n * 100) / 100)

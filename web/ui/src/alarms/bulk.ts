import type { Alarm } from '@/api/types'

/** Which alarms are acknowledged together with one. */
export type Extent = 'one' | 'device' | 'type'

/**
 * Those of an extent that nobody has acknowledged, the one itself first: of the same device, or of the same type at the
 * same site.
 */
export function together(a: Alarm, all: readonly Alarm[], extent: Extent): Alarm[] {
  const others = all.filter(
    (b) =>
      b.id !== a.id &&
      !b.acknowledged &&
      !b.resolved &&
      ((extent === 'device' && b.device === a.device) || (extent === 'type' && b.type === a.type && b.site === a.site)),
  )
  return [a, ...others]
}

/** Does one after the other for each and tells how many are done; the first refusal is thrown when all were tried. */
export async function oneByOne<T>(
  list: readonly T[],
  act: (t: T) => Promise<unknown>,
  done: (count: number) => void,
): Promise<void> {
  let refused: { by: unknown } | undefined
  for (const [i, t] of list.entries()) {
    await act(t).catch((err: unknown) => (refused ??= { by: err }))
    done(i + 1)
  }
  if (refused) throw refused.by
}

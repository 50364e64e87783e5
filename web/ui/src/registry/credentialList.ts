import type { Device } from '@/api/types'

/** Which devices are offered; an empty one means any. */
export interface Choice {
  site: string
  zone: string
  kind: string
}

/** The server makes so many at once, and no more. */
export const mostAtOnce = 1_000

/** The devices of a list that are meant: those with the ids, or those of the choice. */
export function chosen(all: readonly Device[], choice: Choice, ids?: readonly string[]): Device[] {
  const fits = (d: Device): boolean =>
    ids
      ? ids.includes(d.id)
      : (!choice.site || d.site === choice.site) &&
        (!choice.zone || d.zone === choice.zone) &&
        (!choice.kind || d.kind === choice.kind)
  return all.filter(fits).slice(0, mostAtOnce)
}

/** Those that would lose their connection. */
export const connectedOf = (list: readonly Device[]): Device[] => list.filter((d) => d.link.status === 'online')

import type { Device, Site, Zone } from '@/api/types'

/** So many devices stand on one page of the list: each has buttons, and thousands of them are no list to read. */
export const pageSize = 50

export const sorts = ['name', 'kind', 'link'] as const
export type Sort = (typeof sorts)[number]
export const links = ['online', 'offline', 'never_seen'] as const

/** Which devices are shown, and in which order; what is empty means any. */
export interface Shown {
  text: string
  site: string
  kind: string
  link: string
  sort: Sort
}

/** Everything that decides whether and where a device stands in the list: if it is the same, so is the list. */
export const placeOf = (d: Device): string => [d.id, d.name, d.zone, d.kind, d.link.status].join('\t')

/** The devices that are meant, by site and zone as those come, and within a zone as asked. */
export function listOf(
  all: readonly Device[],
  sites: readonly Site[],
  zones: readonly Zone[],
  shown: Shown,
  language: string,
): Device[] {
  const names = new Intl.Collator(language, { numeric: true })
  const zoneAt = new Map(zones.map((z, i) => [z.id, i]))
  const siteAt = new Map(sites.map((s, i) => [s.id, i]))
  const zoneName = new Map(zones.map((z) => [z.id, z.name]))
  const text = shown.text.trim().toLocaleLowerCase()
  const by: Record<Sort, (a: Device, b: Device) => number> = {
    name: () => 0,
    kind: (a, b) => a.kind.localeCompare(b.kind),
    link: (a, b) => urgency(a) - urgency(b),
  }
  return all
    .filter(
      (d) =>
        (!shown.site || d.site === shown.site) &&
        (!shown.kind || d.kind === shown.kind) &&
        (!shown.link || d.link.status === shown.link) &&
        (!text || `${d.name}\n${zoneName.get(d.zone) ?? ''}\n${d.id}`.toLocaleLowerCase().includes(text)),
    )
    .sort(
      (a, b) =>
        (siteAt.get(a.site) ?? 0) - (siteAt.get(b.site) ?? 0) ||
        (zoneAt.get(a.zone) ?? 0) - (zoneAt.get(b.zone) ?? 0) ||
        by[shown.sort](a, b) ||
        names.compare(a.name, b.name),
    )
}

/** Those that need somebody come first. */
const urgency = (d: Device): number => ['offline', 'never_seen', 'online'].indexOf(d.link.status)

/** One page of a list, from 0 on; one that is beyond the end is the last. */
export function pageOf<T>(list: readonly T[], page: number): { rows: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(list.length / pageSize))
  const at = Math.min(Math.max(0, page), pages - 1)
  return { rows: list.slice(at * pageSize, (at + 1) * pageSize), page: at, pages }
}

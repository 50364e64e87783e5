import type { Device, Site, Zone } from '@/api/types'
import { counters, isProblem, lookOf, type Counter } from './look'

/** A zone with its devices in the order of the wall. */
export interface ZoneGroup {
  zone: Zone
  ids: readonly string[]
}

/** A site with its zones. */
export interface SiteGroup {
  site: Site
  zones: readonly ZoneGroup[]
  count: number
}

/** The filters of the wall; what is empty leaves nothing out. */
export interface Wanted {
  show: Counter
  sites: readonly string[]
  zone: string
  kind: string
  text: string
}

/** What the wall shows of all devices, and what its counters count. */
export interface Survey {
  groups: readonly SiteGroup[]
  tally: Record<Counter, number>
  /** In the chosen sites, whatever else is filtered. */
  problems: readonly Device[]
}

export const kinds = ['gate', 'turnstile', 'camera'] as const satisfies readonly Device['kind'][]

/** Every device by site and zone; in a zone by kind, then by name as people count: gate 2 before gate 10. */
export function arrange(
  devices: readonly Device[],
  sites: readonly Site[],
  zones: readonly Zone[],
  language: string,
): SiteGroup[] {
  const names = new Intl.Collator(language, { numeric: true })
  const byZone = new Map<string, Device[]>()
  for (const d of devices) {
    const there = byZone.get(d.zone)
    if (there) there.push(d)
    else byZone.set(d.zone, [d])
  }
  const group = (zone: Zone): ZoneGroup => ({
    zone,
    ids: byZone
      .get(zone.id)!
      .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || names.compare(a.name, b.name))
      .map((d) => d.id),
  })
  return sites.map((site) => {
    const own = zones.filter((z) => z.site === site.id && byZone.has(z.id)).map(group)
    return { site, zones: own, count: own.reduce((n, z) => n + z.ids.length, 0) }
  })
}

/**
 * What of the arranged devices the filters leave, and how many each counter would leave. It runs with all news of a
 * tenth of a second, so it looks at each device once, and hands on the lists of before where they still hold: what is
 * drawn from them is not drawn again.
 */
export function survey(
  places: readonly SiteGroup[],
  deviceOf: (id: string) => Device | undefined,
  wanted: Wanted,
  before?: Survey,
): Survey {
  const tally = Object.fromEntries(counters.map((c) => [c, 0])) as Record<Counter, number>
  const problems: Device[] = []
  const groups: SiteGroup[] = []
  const old = new Map(before?.groups.map((g) => [g.site.id, g]))

  for (const { site, zones } of places) {
    if (wanted.sites.length && !wanted.sites.includes(site.id)) continue
    const left: ZoneGroup[] = []
    for (const { zone, ids } of zones) {
      const shown: string[] = []
      for (const id of ids) {
        const d = deviceOf(id)
        if (d && look(d, zone, wanted, tally, problems)) shown.push(id)
      }
      if (shown.length) left.push({ zone, ids: shown })
    }
    if (left.length) groups.push(same(old.get(site.id), site, left))
  }
  const unchanged = before?.groups.length === groups.length && groups.every((g, i) => g === before.groups[i])
  return { groups: unchanged ? before.groups : groups, tally, problems }
}

/** Counts a device of the chosen sites; tells whether the wall shows it. */
function look(d: Device, zone: Zone, wanted: Wanted, tally: Record<Counter, number>, problems: Device[]): boolean {
  const problem = isProblem(d)
  if (problem) problems.push(d)
  if (wanted.zone && d.zone !== wanted.zone) return false
  if (wanted.kind && d.kind !== wanted.kind) return false
  if (wanted.text && !`${d.name}\n${zone.name}`.toLocaleLowerCase().includes(wanted.text)) return false
  const state = lookOf(d)
  tally.all++
  if (problem) tally.problem++
  if (state in tally) tally[state as Counter]++
  return wanted.show === 'all' || (wanted.show === 'problem' ? problem : state === wanted.show)
}

/** The group of before if it says the same, and of its zones those that do. */
function same(before: SiteGroup | undefined, site: Site, zones: readonly ZoneGroup[]): SiteGroup {
  const old = new Map(before?.zones.map((z) => [z.zone.id, z]))
  const kept = zones.map((z) => {
    const o = old.get(z.zone.id)
    return o && o.zone === z.zone && o.ids.length === z.ids.length && o.ids.every((id, i) => id === z.ids[i]) ? o : z
  })
  const unchanged =
    before?.site === site && before.zones.length === kept.length && kept.every((z, i) => z === before.zones[i])
  return unchanged ? before : { site, zones: kept, count: kept.reduce((n, z) => n + z.ids.length, 0) }
}

import { computed } from 'vue'
import type { Device, Site, Zone } from '@/api/types'
import { byUrgency, isLoud } from '@/alarms/inbox'
import { language } from '@/i18n'
import { alarms, devices, layers, sites, zones } from '@/live/state'
import { useFilters } from '@/parts/filters'
import { counters, counts, isProblem, type Counter } from './look'

export interface ZoneGroup {
  zone: Zone
  ids: string[]
}
export interface SiteGroup {
  site: Site
  zones: ZoneGroup[]
  count: number
}

/** What the wall shows: devices by site and zone, under the filters that stand in the address. */
export function useWall() {
  const { filter, set } = useFilters('replace')

  const show = computed<Counter>(() => counters.find((c) => c === filter('show')) ?? 'all')
  const site = computed(() => filter('site'))

  const ofSite = computed(() => devices.all().filter((d) => !site.value || d.site === site.value))
  const tally = computed(() => {
    const n = Object.fromEntries(counters.map((c) => [c, 0])) as Record<Counter, number>
    for (const d of ofSite.value) for (const c of counters) if (counts(c, d)) n[c]++
    return n
  })
  /** Fire releases and lockdowns that stand, the strongest first. */
  const standing = computed(() =>
    layers
      .all()
      .filter((l) => l.set && (l.layer === 'fire' || l.layer === 'lockdown') && (!site.value || l.site === site.value))
      .sort((a, b) => a.layer.localeCompare(b.layer)),
  )
  /** Alarms that nobody has seen, the most urgent first. */
  const loud = computed(() =>
    alarms
      .all()
      .filter((a) => isLoud(a) && (!site.value || a.site === site.value))
      .sort(byUrgency),
  )
  const problems = computed(() => sorted(ofSite.value.filter(isProblem)))

  const zoneNames = computed(() => new Map(zones.value.map((z) => [z.id, z.name])))
  const wanted = computed(() => filter('q').toLocaleLowerCase())
  const matches = (d: Device) =>
    counts(show.value, d) &&
    (!wanted.value || `${d.name}\n${zoneNames.value.get(d.zone) ?? ''}`.toLocaleLowerCase().includes(wanted.value))

  const groups = computed<SiteGroup[]>(() => {
    const byZone = new Map<string, Device[]>()
    for (const d of ofSite.value) if (matches(d)) byZone.set(d.zone, [...(byZone.get(d.zone) ?? []), d])
    return sites.value
      .map((s) => {
        const list = zones.value
          .filter((z) => z.site === s.id && byZone.has(z.id))
          .map((zone) => ({ zone, ids: sorted(byZone.get(zone.id)!).map((d) => d.id) }))
        return { site: s, zones: list, count: list.reduce((n, z) => n + z.ids.length, 0) }
      })
      .filter((g) => g.count > 0)
  })

  return { show, site, set, tally, standing, loud, problems, groups, total: computed(() => devices.map.size) }
}

const kinds = ['gate', 'turnstile', 'camera']

/** By kind, then by name as people count: gate 2 before gate 10. */
function sorted(list: Device[]): Device[] {
  const names = new Intl.Collator(language.value, { numeric: true })
  return [...list].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || names.compare(a.name, b.name))
}

import { computed } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import { dayStart, ownZone } from '@/i18n/zoned'
import { devices, sites, zones } from '@/live/state'

/** The filters that the address carries. */
export const filterNames = ['site', 'zone', 'device', 'plate', 'from', 'to', 'doubtful'] as const
type Name = (typeof filterNames)[number] | 'tab' | 'before'

/** The filters of the page, as they stand in the address. */
export function useFilters() {
  const route = useRoute()
  const router = useRouter()
  const filter = (name: Name) => String(route.query[name] ?? '')

  /** Changes filters, from the newest on. */
  function set(change: Partial<Record<Name, string>>): void {
    const query: LocationQueryRaw = { ...route.query, before: undefined, ...change }
    for (const [key, value] of Object.entries(query)) if (!value) delete query[key]
    void router.push({ query })
  }

  // Days are those of the site; of several with different time zones those of the browser.
  const zone = computed(() => {
    const names = new Set(sites.value.filter((s) => !filter('site') || s.id === filter('site')).map((s) => s.timeZone))
    return names.size === 1 ? [...names][0]! : ownZone()
  })
  const common = computed(() => ({
    site: filter('site') || undefined,
    zone: filter('zone') || undefined,
    device: filter('device') || undefined,
    plate: filter('plate') || undefined,
    from: dayStart(filter('from'), zone.value) || undefined,
    to: dayStart(filter('to'), zone.value, 1) || undefined,
  }))
  const zoneChoices = computed(() => zones.value.filter((z) => !filter('site') || z.site === filter('site')))
  const cameras = computed(() =>
    devices
      .all()
      .filter(
        (d) =>
          d.kind === 'camera' &&
          (!filter('site') || d.site === filter('site')) &&
          (!filter('zone') || d.zone === filter('zone')),
      )
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })),
  )
  const any = computed(() => filterNames.some((name) => filter(name) !== ''))
  const clear = () => set(Object.fromEntries(filterNames.map((name) => [name, ''])))
  return { filter, set, clear, any, zone, common, zoneChoices, cameras }
}

/** Where something stands, as people say it. */
export const placeOf = (site: string, zone: string): string =>
  [sites.value.find((s) => s.id === site)?.name, zones.value.find((z) => z.id === zone)?.name]
    .filter(Boolean)
    .join(' · ')

/** The time zone of a site. */
export const zoneOf = (site: string): string | undefined => sites.value.find((s) => s.id === site)?.timeZone

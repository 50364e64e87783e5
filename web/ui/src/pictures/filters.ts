import { computed } from 'vue'
import { dayStart } from '@/i18n/zoned'
import { dayZone } from '@/live/places'
import { devices } from '@/live/state'
import { useFilters } from '@/parts/filters'

/** The filters that the address carries. */
const filterNames = ['site', 'zone', 'device', 'plate', 'from', 'to', 'doubtful'] as const

/** The filters of the page, as they stand in the address. */
export function usePictureFilters() {
  const { filter, asked, set } = useFilters()

  // Days are those of the site; of several with different time zones those of the browser.
  const zone = computed(() => dayZone(filter('site') || devices.get(filter('device'))?.site))
  const common = computed(() => ({
    ...asked('site', 'zone', 'device', 'plate'),
    from: dayStart(filter('from'), zone.value) || undefined,
    to: dayStart(filter('to'), zone.value, 1) || undefined,
  }))
  const any = computed(() => filterNames.some((name) => filter(name) !== ''))
  const clear = () => set(Object.fromEntries(filterNames.map((name) => [name, ''])))
  return { filter, asked, set, clear, any, zone, common }
}

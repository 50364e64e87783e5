import { computed } from 'vue'
import type { Alarm, Layer } from '@/api/types'
import { byUrgency, isLoud } from '@/alarms/inbox'
import { language } from '@/i18n'
import { alarms, devices, layers, sites, zones } from '@/live/state'
import { useFilters } from '@/parts/filters'
import { counters } from './look'
import { arrange, kinds, survey, type Survey, type Wanted } from './survey'

/** What the wall shows: devices by site and zone, under the filters that stand in the address. */
export function useWall() {
  const { filter, set } = useFilters('replace')

  const wanted = computed<Wanted>(() => ({
    show: counters.find((c) => c === filter('show')) ?? 'all',
    sites: filter('site').split(',').filter(Boolean),
    zone: filter('zone'),
    kind: kinds.find((k) => k === filter('kind')) ?? '',
    text: filter('q').toLocaleLowerCase(),
  }))
  const chosen = (x: Alarm | Layer) => wanted.value.sites.length === 0 || wanted.value.sites.includes(x.site)

  const places = computed(() => arrange(devices.laid(), sites.value, zones.value, language.value))
  const found = computed<Survey>((before) => {
    const all = new Map(devices.all().map((d) => [d.id, d]))
    return survey(places.value, (id) => all.get(id), wanted.value, before)
  })

  /** Fire releases and lockdowns that stand, the strongest first. */
  const standing = computed(() =>
    layers
      .all()
      .filter((l) => l.set && (l.layer === 'fire' || l.layer === 'lockdown') && chosen(l))
      .sort((a, b) => a.layer.localeCompare(b.layer)),
  )
  /** Alarms that nobody has seen, the most urgent first. */
  const loud = computed(() =>
    alarms
      .all()
      .filter((a) => isLoud(a) && chosen(a))
      .sort(byUrgency),
  )

  return {
    wanted,
    set,
    standing,
    loud,
    tally: computed(() => found.value.tally),
    problems: computed(() => found.value.problems),
    groups: computed(() => found.value.groups),
    /** How many devices there are, without any filter. */
    total: computed(() => devices.laid().length),
  }
}

import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '@/api/endpoints'
import type { Alarm, AlarmQuery } from '@/api/types'
import { link } from '@/live/live'
import { deviceName, placeWords } from '@/live/places'
import { alarms } from '@/live/state'
import { useFilters } from '@/parts/filters'
import { me } from '@/session/session'
import { comparing, nobody, passes, type Filter } from './inbox'
import { alarmWords } from './words'

const pageSize = 50

/** Everything that the list says of an alarm in words. */
const wordsOf = (a: Alarm): string =>
  [deviceName(a.device), placeWords(a.site, a.zone), alarmWords(a), a.assignee?.name].filter(Boolean).join(' ')

/**
 * What the inbox lists under the filters in the address. What is open comes with the feed; what is resolved is asked for,
 * the newest first, page by page.
 */
export function useInbox() {
  const { filter: of, asked } = useFilters()
  const filter = computed<Filter>(() => ({
    site: of('site'),
    zone: of('zone'),
    device: of('device'),
    type: of('type'),
    severity: of('severity'),
    state: of('state') || 'open',
    assignee: of('assignee'),
    text: of('text'),
  }))
  const past = computed(() => filter.value.state === 'resolved')
  const query = computed<AlarmQuery>(() => ({
    ...asked('site', 'zone', 'device', 'type', 'text', 'before'),
    severity: (of('severity') || undefined) as AlarmQuery['severity'],
    assignee: of('assignee') === nobody ? undefined : of('assignee') || undefined,
    state: 'resolved',
    limit: pageSize,
  }))
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['alarms', query],
    queryFn: () => api.alarms(query.value),
    enabled: past,
    placeholderData: keepPreviousData,
  })

  const rows = computed<Alarm[]>(() =>
    past.value
      ? (data.value?.alarms ?? [])
      : alarms
          .all()
          .filter((a) => passes(a, filter.value, wordsOf))
          .sort(comparing(of('sort'), deviceName)),
  )
  /** Those who see to an alarm now, and whoever looks. */
  const people = computed<[id: string, name: string][]>(() => {
    const all = new Map(alarms.all().flatMap((a) => (a.assignee ? [[a.assignee.id, a.assignee.name]] : [])))
    if (me.value) all.set(me.value.id, me.value.name)
    return [...all].sort(([, a], [, b]) => a.localeCompare(b))
  })
  return {
    filter,
    past,
    rows,
    people,
    error,
    refetch,
    waiting: computed(() => (past.value ? isFetching.value && !data.value : link.heard === 0)),
    older: computed(() => (past.value && rows.value.length === pageSize ? rows.value.at(-1)!.id : '')),
  }
}

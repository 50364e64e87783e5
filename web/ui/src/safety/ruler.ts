import { computed } from 'vue'
import type { Device, Layer } from '@/api/types'
import { now } from '@/live/clock'
import { layers } from '@/live/state'
import { rulingsOf } from './rulings'

/** The layers that stand, by what they are over: a wall asks for thousands of openings, each time a layer changes. */
const byScope = computed(() => {
  const found = new Map<string, Layer[]>()
  for (const l of layers.all()) {
    if (!l.set) continue
    const key = scopeKey(l.site, l.scope.kind, l.scope.id, l.scope.direction)
    found.set(key, [...(found.get(key) ?? []), l])
  }
  return found
})

const scopeKey = (site: string, kind: string, id = '', direction = ''): string =>
  [site, kind, kind === 'site' ? '' : id, kind === 'device' ? direction : ''].join('\n')

/** The layer that rules an opening of a device now, if any does. The clock is asked only where a layer will end. */
export function rulerOf(d: Device, direction: string): Layer | undefined {
  const near = [
    scopeKey(d.site, 'site'),
    scopeKey(d.site, 'zone', d.zone),
    scopeKey(d.site, 'group', d.fireGroup),
    scopeKey(d.site, 'device', d.id, direction),
  ].flatMap((key) => byScope.value.get(key) ?? [])
  return rulingsOf(d, direction, near, near.some((l) => l.until) ? now.value : 0)[0]
}

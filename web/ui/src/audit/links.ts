import type { RouteLocationRaw } from 'vue-router'

/** Where each kind of object of the trail has a page of its own, or stands out on one. */
const pages: Record<string, (id: string) => RouteLocationRaw> = {
  device: (id) => ({ name: 'devicePage', params: { id } }),
  alarm: (id) => ({ name: 'alarm', params: { id } }),
  batch: (batch) => ({ name: 'batches', query: { batch } }),
  shift: (id) => ({ name: 'shift', params: { id } }),
  timetable: (id) => ({ name: 'timetable', params: { id } }),
  plan: (id) => ({ name: 'plans', params: { id } }),
  site: (site) => ({ name: 'wall', query: { site } }),
  zone: (zone) => ({ name: 'wall', query: { zone } }),
  operator: (person) => ({ name: 'people', query: { person } }),
  client: (client) => ({ name: 'brokerClient', params: { client } }),
}

/** The page of an object (kind:id), if it has one; whether it is still there the page says. */
export function pageOf(object: string): RouteLocationRaw | undefined {
  const at = object.indexOf(':')
  const [kind, id] = [object.slice(0, at), object.slice(at + 1)]
  return at > 0 && id !== '' && id !== 'unknown' ? pages[kind]?.(id) : undefined
}

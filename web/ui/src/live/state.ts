import { shallowReactive, shallowRef, type ShallowRef } from 'vue'
import type { Alarm, Command, Device, Layer, Site, Snapshot, Today, Zone } from '@/api/types'
import { newerCommand } from './newer'

/** Something with an identity and the site's revision at which it was said. */
interface Thing {
  site: string
  revision: number
  /** It has no revision yet: the database does not have it. */
  recordPending?: boolean
}

/** How many removals are remembered: those of the time that a snapshot is on its way. */
const remembered = 1_000

/**
 * Things of one kind by id. A thing changes only to a newer revision, so neither order nor repetition of messages can
 * corrupt the picture. Reading one thing depends on that thing alone.
 */
export class Things<T extends Thing> {
  readonly map = shallowReactive(new Map<string, ShallowRef<T>>())
  /** The revision of what the feed took away: a snapshot that was made before does not bring it back. */
  private readonly taken = new Map<string, number>()

  constructor(
    private readonly key: (t: T) => string,
    private readonly newer: (held: T, said: T) => boolean = (held, said) => said.revision > held.revision,
  ) {}

  /** Takes a thing if it is new or newer; tells whether it was taken. */
  merge(t: T): boolean {
    const id = this.key(t)
    const held = this.map.get(id)
    if (!held) {
      if (!t.recordPending && t.revision <= (this.taken.get(id) ?? -1)) return false
      this.map.set(id, shallowRef(t))
      return true
    }
    if (!this.newer(held.value, t)) return false
    held.value = t
    return true
  }

  remove(id: string): void {
    const held = this.map.get(id)
    if (!held) return
    this.taken.set(id, held.value.revision)
    if (this.taken.size > remembered) this.taken.delete(this.taken.keys().next().value!)
    this.map.delete(id)
  }

  get(id: string): T | undefined {
    return this.map.get(id)?.value
  }

  all(): T[] {
    return Array.from(this.map.values(), (r) => r.value)
  }

  /** Takes a snapshot; what it lacks is gone unless it is newer than the snapshot itself. */
  replace(list: T[], revisionOf: (site: string) => number, whole: boolean): void {
    const listed = new Set(list.map(this.key))
    if (whole) this.taken.clear()
    for (const [id, held] of this.map) {
      if (listed.has(id)) continue
      const { site, revision, recordPending } = held.value
      if (whole || (!recordPending && revision <= revisionOf(site))) this.map.delete(id)
    }
    for (const t of list) {
      if (whole) this.map.delete(this.key(t))
      this.merge(t)
    }
  }
}

export const devices = new Things<Device>((d) => d.id)
export const commands = new Things<Command>((c) => c.id, newerCommand)
export const today = new Things<Today>((t) => t.site)
export const layers = new Things<Layer>((l) => `${l.site}/${l.id}`)
export const alarms = new Things<Alarm>((a) => a.id)
export const sites = shallowRef<Site[]>([])
export const zones = shallowRef<Zone[]>([])
/** What needs a reason, by the server's word. */
export const risky = shallowRef<string[]>([])

/**
 * Paints a snapshot. With whole set nothing that was held before counts: that is how each new connection starts, so
 * that a server whose database was restored to an older state is believed too.
 */
export function paint(s: Snapshot, whole: boolean): void {
  sites.value = s.sites ?? []
  zones.value = s.zones ?? []
  risky.value = s.risky ?? []
  const revisions = new Map(sites.value.map((site) => [site.id, site.revision]))
  const revisionOf = (site: string) => revisions.get(site) ?? Infinity
  devices.replace(s.devices ?? [], revisionOf, whole)
  commands.replace(s.commands ?? [], revisionOf, whole)
  today.replace(s.today ?? [], revisionOf, whole)
  layers.replace(s.layers ?? [], revisionOf, whole)
  alarms.replace(s.alarms ?? [], revisionOf, whole)
}

/** Forgets everything: after sign-out nothing of the last user may stay on the screen. */
export function forget(): void {
  paint({ at: '', risky: [], sites: [], zones: [], devices: [], commands: [], today: [], layers: [], alarms: [] }, true)
}

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
 * corrupt the picture. Reading one thing depends on that thing alone; reading all of them depends on one counter, so that
 * a page that looks at thousands does not follow each of them.
 */
export class Things<T extends Thing> {
  private readonly map = shallowReactive(new Map<string, ShallowRef<T>>())
  private readonly held = new Map<string, T>()
  private readonly news = shallowRef(0)
  private readonly moves = shallowRef(0)
  /** The revision of what the feed took away: a snapshot that was made before does not bring it back. */
  private readonly taken = new Map<string, number>()

  constructor(
    private readonly key: (t: T) => string,
    private readonly newer: (held: T, said: T) => boolean = (held, said) => said.revision > held.revision,
    /** Do both stand at the same place in a list of them? */
    private readonly alike: (held: T, said: T) => boolean = () => false,
  ) {}

  /** Takes a thing if it is new or newer; tells whether it was taken. */
  merge(t: T): boolean {
    const id = this.key(t)
    const held = this.held.get(id)
    if (!held && !t.recordPending && t.revision <= (this.taken.get(id) ?? -1)) return false
    if (held && !this.newer(held, t)) return false
    this.put(id, t)
    return true
  }

  private put(id: string, t: T): void {
    const before = this.held.get(id)
    this.held.set(id, t)
    const seen = this.map.get(id)
    if (seen) seen.value = t
    else this.map.set(id, shallowRef(t))
    this.news.value++
    if (!before || !this.alike(before, t)) this.moves.value++
  }

  remove(id: string): void {
    const held = this.held.get(id)
    if (!held) return
    this.taken.set(id, held.revision)
    if (this.taken.size > remembered) this.taken.delete(this.taken.keys().next().value!)
    this.drop(id)
  }

  private drop(id: string): void {
    this.held.delete(id)
    this.map.delete(id)
    this.news.value++
    this.moves.value++
  }

  get(id: string): T | undefined {
    return this.map.get(id)?.value
  }

  all(): T[] {
    void this.news.value
    return Array.from(this.held.values())
  }

  /** Like all, for who wants to know where each stands in a list and nothing else: other news does not count. */
  laid(): T[] {
    void this.moves.value
    return Array.from(this.held.values())
  }

  /** Takes a snapshot; what it lacks is gone unless it is newer than the snapshot itself. */
  replace(list: T[], revisionOf: (site: string) => number, whole: boolean): void {
    const listed = new Set(list.map(this.key))
    if (whole) this.taken.clear()
    for (const [id, { site, revision, recordPending }] of this.held) {
      if (listed.has(id)) continue
      if (whole || (!recordPending && revision <= revisionOf(site))) this.drop(id)
    }
    for (const t of list) {
      if (whole) this.put(this.key(t), t)
      else this.merge(t)
    }
  }
}

/** A device stays where it is in a list while its name, its kind and its place are what they were. */
const stays = (a: Device, b: Device): boolean =>
  a.name === b.name && a.kind === b.kind && a.zone === b.zone && a.site === b.site

export const devices = new Things<Device>((d) => d.id, undefined, stays)
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

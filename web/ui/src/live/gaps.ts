import type { FeedTopic } from './topic'

/**
 * Watches whether anything was missed. Each zone's heartbeat names the newest revision that was said in it; a page that
 * has not reached it within the grace has a hole and must read the snapshot again.
 */
export class Gaps {
  private readonly seen = new Map<string, number>()
  private readonly floor = new Map<string, number>()
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(
    private readonly onGap: () => void,
    private readonly grace = 2_000,
  ) {}

  /** A message with this revision came. */
  saw(t: FeedTopic, revision: number): void {
    const zone = `${t.site}/${t.zone}`
    if (revision > (this.seen.get(zone) ?? 0)) this.seen.set(zone, revision)
  }

  /** A snapshot of the site at this revision was painted. */
  snapshot(site: string, revision: number): void {
    this.floor.set(site, revision)
  }

  /** The server says that this revision is the newest of the zone. */
  heartbeat(t: FeedTopic, revision: number): void {
    const zone = `${t.site}/${t.zone}`
    if (this.has(t, revision) || this.timers.has(zone)) return
    this.timers.set(
      zone,
      setTimeout(() => {
        this.timers.delete(zone)
        if (!this.has(t, revision)) this.onGap()
      }, this.grace),
    )
  }

  reset(): void {
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
    this.seen.clear()
    this.floor.clear()
  }

  private has(t: FeedTopic, revision: number): boolean {
    return Math.max(this.seen.get(`${t.site}/${t.zone}`) ?? 0, this.floor.get(t.site) ?? 0) >= revision
  }
}

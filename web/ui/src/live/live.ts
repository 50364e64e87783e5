import { reactive, readonly } from 'vue'
import { api } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import type { Alarm, Command, Device, Heartbeat, Layer, Snapshot, Today } from '@/api/types'
import { backoff } from './backoff'
import { Batch, gone } from './batch'
import { serverNow, setServerTime, startClock, stopClock } from './clock'
import { Gaps } from './gaps'
import { alarms, commands, devices, forget, layers, paint, today, zones } from './state'
import { parseTopic, type FeedTopic } from './topic'
import { dial as dialMqtt, type Dial, type Transport } from './transport'

const blindAfter = 15_000

/** What the page knows of its own link. */
export interface LinkState {
  /** loading: nothing painted yet. live: news comes. blind: what is on the screen may be old. */
  status: 'loading' | 'live' | 'blind'
  /** Server time of the last sign of life, in ms; 0 before the first. */
  heard: number
  /** Attempts since the link was last up. */
  attempts: number
}

const state = reactive<LinkState>({ status: 'loading', heard: 0, attempts: 0 })

/** The state of the live link, for the banner and the grey of every tile. */
export const link = readonly(state)

/** What Live needs from outside; tests give their own. */
export interface LiveDeps {
  snapshot(): Promise<Snapshot>
  ticket: typeof api.ticket
  dial: Dial
  signedOut(): void
  /** The link was lost, and the server answers again: it ends the link too when the user's rights change. */
  returned(): void
}

/**
 * The one place that knows the transport: snapshot, ticket, connection, merging, and the watch over all of it.
 * start, stop and refresh are its whole interface; pages read live/state.ts.
 */
export class Live {
  private running = false
  private generation = 0
  private connection: Transport | undefined
  private watch: ReturnType<typeof setTimeout> | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  /** The generation that reads a snapshot again; an older one's answer no longer counts. */
  private reading = 0
  private readonly batch = new Batch()
  private readonly gaps = new Gaps(() => void this.refresh())

  constructor(private readonly deps: LiveDeps) {}

  start(): void {
    if (this.running) return
    this.running = true
    startClock()
    void this.connect()
  }

  /** Ends the link and forgets what it showed. */
  stop(): void {
    this.running = false
    this.generation++
    this.hangUp()
    clearTimeout(this.retry)
    stopClock()
    forget()
    Object.assign(state, { status: 'loading', heard: 0, attempts: 0 })
  }

  /** Reads the snapshot again and merges it; for a gap, or after a write that the feed does not carry. */
  async refresh(): Promise<void> {
    const generation = this.generation
    if (!this.running || this.reading === generation) return
    this.reading = generation
    try {
      const snapshot = await this.deps.snapshot()
      if (generation === this.generation) this.take(snapshot, false)
    } catch (err) {
      if (generation === this.generation) this.failed(err)
    } finally {
      if (this.reading === generation) this.reading = 0
    }
  }

  /** Tries at once instead of waiting for the back-off. */
  retryNow(): void {
    if (!this.running || state.status === 'live' || !this.retry) return
    clearTimeout(this.retry)
    this.retry = undefined
    void this.connect()
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation
    const current = () => this.running && generation === this.generation
    try {
      const snapshot = await this.deps.snapshot()
      if (!current()) return
      if (state.attempts > 0) this.deps.returned()
      this.batch.drop()
      this.gaps.reset()
      this.take(snapshot, true)
      const ticket = await this.deps.ticket()
      if (!current()) return
      const connection = await this.deps.dial(ticket, {
        up: () => current() && this.up(),
        message: (topic, payload) => current() && this.message(topic, payload),
        down: () => current() && this.down(),
      })
      if (current()) this.connection = connection
      else connection.end()
    } catch (err) {
      if (current()) this.failed(err)
    }
  }

  private up(): void {
    state.attempts = 0
    state.status = 'live'
    this.alive()
    // What was said after the snapshot and before the subscription nothing else tells of.
    void this.refresh()
  }

  /** Some sign of life came: the next one is due within 15 s. */
  private alive(): void {
    state.heard = serverNow()
    clearTimeout(this.watch)
    this.watch = setTimeout(() => this.down(), blindAfter)
  }

  private down(): void {
    this.hangUp()
    state.status = 'blind'
    const wait = backoff(state.attempts++)
    clearTimeout(this.retry)
    this.retry = setTimeout(() => {
      this.retry = undefined
      void this.connect()
    }, wait)
  }

  private failed(err: unknown): void {
    if (err instanceof Problem && err.code === 'unauthenticated') {
      this.stop()
      this.deps.signedOut()
      return
    }
    this.down()
  }

  private hangUp(): void {
    this.generation++
    clearTimeout(this.watch)
    this.batch.flush()
    const connection = this.connection
    this.connection = undefined
    connection?.end()
  }

  private take(snapshot: Snapshot, whole: boolean): void {
    setServerTime(snapshot.at)
    this.batch.flush()
    paint(snapshot, whole)
    for (const site of snapshot.sites ?? []) this.gaps.snapshot(site.id, site.revision)
    state.heard = serverNow()
  }

  private message(topic: string, payload: Uint8Array): void {
    this.alive()
    const t = parseTopic(topic)
    if (!t) return
    if (payload.length === 0) return this.batch.add(topic, gone, () => this.remove(t))
    const said = decode(payload)
    if (!said) return void this.refresh()
    if (t.kind === 'heartbeat') return this.gaps.heartbeat(t, said.revision)
    this.gaps.saw(t, said.revision)
    if (t.kind === 'device') this.batch.add(topic, said.revision, () => this.device(said as Device))
    else if (t.kind === 'alarm') this.batch.add(topic, said.revision, () => alarms.merge(said as Alarm))
    else if (t.kind === 'today') this.batch.add(topic, said.revision, () => today.merge(said as Today))
    // A command does not wait for the next flush: a person does.
    else if (t.kind === 'command') commands.merge(said as Command)
    else if (t.kind === 'layer') layers.merge(said as Layer)
  }

  private device(d: Device): void {
    devices.merge(d)
    // A zone that this page has not heard of: only the snapshot names it.
    if (!zones.value.some((z) => z.id === d.zone)) void this.refresh()
  }

  private remove(t: FeedTopic): void {
    if (t.kind === 'command') commands.remove(t.id)
    if (t.kind === 'today') today.remove(t.site)
    if (t.kind === 'alarm') alarms.remove(t.id)
    if (t.kind === 'layer') layers.remove(`${t.site}/${t.id}`)
    // A device that moved stands under its new topic already.
    if (t.kind === 'device' && devices.get(t.id)?.zone === t.zone) devices.remove(t.id)
  }
}

/** Reads a payload; null if it is not a thing with a revision. */
function decode(payload: Uint8Array): Alarm | Device | Command | Layer | Today | Heartbeat | null {
  try {
    const said = JSON.parse(new TextDecoder().decode(payload))
    return typeof said?.revision === 'number' ? said : null
  } catch {
    return null
  }
}

let signedOut: () => void = () => undefined
let returned: () => void = () => undefined

/** Says what to do when the server no longer knows this session. */
export function onSignedOut(f: () => void): void {
  signedOut = f
}

/** Says what to do when the link was lost and the server answers again: the user may be allowed other things now. */
export function onReturned(f: () => void): void {
  returned = f
}

export const live = new Live({
  snapshot: () => api.snapshot(),
  ticket: () => api.ticket(),
  dial: dialMqtt,
  signedOut: () => signedOut(),
  returned: () => returned(),
})

import type { IPublishPacket, MqttClient } from 'mqtt'
import type { Ticket } from '@/api/types'

/** What may be used: doors are opened by orders only, never by a message that somebody types. */
export const testRoot = 'test/'
/** Bytes of a payload, at most. */
export const testPayload = 64 << 10

/** One thing that happened to a test client. */
export interface TestStep {
  number: number
  /** Milliseconds since 1970, of this computer. */
  at: number
  kind: 'connected' | 'subscribed' | 'unsubscribed' | 'published' | 'received' | 'refused' | 'ended'
  /** The topic, or the filter. */
  topic?: string
  qos?: number
  retain?: boolean
  /** Bytes. */
  size?: number
  text?: string
  /** Milliseconds to the answer; of what was received: since it was published here. */
  took?: number
  /** Reason code of MQTT 5. */
  reason?: number
  /** What the library said, where there is no reason code. */
  detail?: string
}

type Step = Omit<TestStep, 'number' | 'at'>
type QoS = 0 | 1 | 2

/** Steps that are kept. */
export const stepsKept = 200
const probe = 'gatehouse-test'

/** The broker's reason in an error of MQTT.js, which keeps it in one of two places. */
const codeOf = (err: unknown): number | undefined => {
  const e = err as { code?: unknown; packet?: { granted?: number[] } } | null | undefined
  return typeof e?.code === 'number' ? e.code : e?.packet?.granted?.[0]
}

/** The bytes of a text as it is sent. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/**
 * A client of the broker that tells each step with what the broker answered. It ends for good: another connection is another
 * TestClient, with a ticket of its own.
 */
export class TestClient {
  private client: MqttClient | undefined
  private over = false
  private sent = 0
  private last: number | undefined
  private readonly published = new Map<string, number>()
  private readonly acknowledged = new Map<number, number>() // reasons, which MQTT.js does not hand on with a success

  constructor(
    private readonly told: (s: Step) => void,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Connects; told says what came of it. */
  async connect(dial: (t: Ticket) => Promise<MqttClient>, ticket: Ticket): Promise<void> {
    const began = this.clock()
    const client = await dial(ticket)
    if (this.over) {
      client.end(true)
      return
    }
    this.client = client
    client.on('connect', () => this.tell({ kind: 'connected', took: this.clock() - began, reason: 0 }))
    client.on('message', (topic, payload, packet) => this.received(topic, payload, packet))
    client.on('packetreceive', (p) => {
      if (p.cmd === 'puback' || p.cmd === 'pubrec') this.acknowledged.set(p.messageId!, p.reasonCode ?? 0)
    })
    client.on('disconnect', (packet) => (this.last = packet.reasonCode))
    client.on('error', (err) => this.finish({ reason: codeOf(err), detail: err.message }))
    client.on('close', () => this.finish({ reason: this.last }))
  }

  subscribe(filter: string, qos: QoS): void {
    const began = this.clock()
    this.client?.subscribe(filter, { qos }, (err, granted) => {
      const took = this.clock() - began
      if (err) this.tell({ kind: 'refused', topic: filter, took, reason: codeOf(err), detail: err.message })
      else this.tell({ kind: 'subscribed', topic: filter, took, qos: granted?.[0]?.qos })
    })
  }

  unsubscribe(filter: string): void {
    const began = this.clock()
    this.client?.unsubscribe(filter, (err) => {
      const took = this.clock() - began
      if (err) this.tell({ kind: 'refused', topic: filter, took, reason: codeOf(err), detail: err.message })
      else this.tell({ kind: 'unsubscribed', topic: filter, took })
    })
  }

  /** Publishes with a mark of its own, by which it is known when it comes back. */
  publish(topic: string, text: string, qos: QoS): void {
    const began = this.clock()
    const mark = `${++this.sent}`
    this.published.set(mark, began)
    if (this.published.size > stepsKept) this.published.delete(this.published.keys().next().value!)
    const of = { topic, qos, size: bytesOf(text) }
    const client = this.client
    let id: number | undefined // of the packet, once there is one
    client?.publish(topic, text, { qos, properties: { userProperties: { [probe]: mark } } }, (err) => {
      const took = qos > 0 ? this.clock() - began : undefined // nobody answers QoS 0
      const reason = codeOf(err) ?? this.acknowledged.get(id!)
      this.acknowledged.delete(id!)
      if (err) this.tell({ kind: 'refused', ...of, took, reason, detail: err.message })
      else this.tell({ kind: 'published', ...of, took, reason })
    })
    if (qos > 0) id = client?.getLastMessageId()
  }

  /** Ends without a word. */
  end(): void {
    this.over = true
    this.client?.end(true)
  }

  private received(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    const began = this.published.get(String(packet.properties?.userProperties?.[probe] ?? ''))
    this.tell({
      kind: 'received',
      topic,
      qos: packet.qos,
      retain: packet.retain,
      size: payload.length,
      text: new TextDecoder().decode(payload),
      took: began === undefined ? undefined : this.clock() - began,
    })
  }

  private tell(s: Step): void {
    if (!this.over) this.told(s)
  }

  private finish(s: Omit<Step, 'kind'>): void {
    if (this.over) return
    this.told({ kind: 'ended', ...s })
    this.end()
  }
}

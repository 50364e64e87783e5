import type { IClientOptions, MqttClient } from 'mqtt'
import type { Ticket } from '@/api/types'

/** What a connection tells its owner. */
export interface TransportEvents {
  up(): void
  message(topic: string, payload: Uint8Array): void
  /** Called once, whatever the reason. */
  down(reason: string): void
}

/** A connection that can be ended; down is not called after end. */
export interface Transport {
  end(): void
}

export type Dial = (ticket: Ticket, events: TransportEvents) => Promise<Transport>

/** A client of MQTT.js, which is loaded only now, for the broker of the same origin. One connection per ticket. */
export async function clientOf(ticket: Ticket): Promise<MqttClient> {
  const { default: mqtt } = await import('mqtt')
  const url = new URL(ticket.path, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const options: IClientOptions = {
    protocolVersion: 5,
    clientId: ticket.clientId,
    username: ticket.username,
    password: ticket.password,
    clean: true,
    keepalive: 20,
    connectTimeout: 10_000,
    reconnectPeriod: 0, // a ticket is good for one CONNECT
    resubscribe: false,
  }
  return mqtt.connect(url.href, options)
}

/** Connects to the broker, and reads what the ticket is for. */
export const dial: Dial = async (ticket, events) => {
  const client = await clientOf(ticket)
  let over = false
  const end = (reason?: string) => {
    if (over) return
    over = true
    client.end(true)
    if (reason !== undefined) events.down(reason)
  }
  client.on('connect', () => {
    const filters = ticket.filters ?? []
    // Nothing retained is sent: the snapshot that is read next has all of it, in one piece.
    client.subscribe(filters, { qos: 1, rh: 2 }, (err, granted) => {
      if (over) return
      const refused = granted?.some((g) => g.qos >= 128)
      if (err || refused) end(err?.message ?? 'subscription refused')
      else events.up()
    })
  })
  client.on('message', (topic, payload) => {
    if (!over) events.message(topic, payload)
  })
  client.on('error', (err) => end(err.message))
  client.on('close', () => end('connection closed'))
  return { end: () => end() }
}

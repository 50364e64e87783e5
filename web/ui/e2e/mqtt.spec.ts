import mqtt, { type MqttClient } from 'mqtt'
import { enter, expect, test } from './fixtures'

interface Issued {
  clientId?: string
  username: string
  password: string
  topicPrefix: string
  filters: string[]
}

/** Connects once; the error is the broker's refusal. */
function connect(url: string, who: Partial<Issued>, protocolVersion: 4 | 5): Promise<MqttClient> {
  const client = mqtt.connect(url, {
    clientId: who.clientId ?? `reader-${Math.random().toString(36).slice(2)}`,
    username: who.username,
    password: who.password,
    protocolVersion,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
  })
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client))
    client.once('error', (err) => {
      client.end(true)
      reject(err)
    })
  })
}

test('MQTT.js speaks to the broker over TCP and WebSocket: a device writes, an integrator reads, nobody else', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const api = async (path: string, body?: object): Promise<unknown> => {
    const answer = await page.request.post(`${gatehouse.url}/api/v1${path}`, body ? { data: body } : {})
    expect(answer.ok(), `${path}: ${answer.status()}`).toBe(true)
    return answer.json()
  }
  const site = (await api('/sites', { name: 'MQTT.js', timeZone: 'Asia/Shanghai' })) as { id: string }
  const zone = (await api(`/sites/${site.id}/zones`, { name: 'Yard' })) as { id: string }
  const device = (await api('/devices', { zone: zone.id, kind: 'gate', name: 'MQTT.js gate' })) as { id: string }
  const credential = (await api(`/devices/${device.id}/credential`)) as Issued
  const integrator = (await api('/integrators', { name: 'MQTT.js reader', sites: [site.id] })) as Issued

  const ways = [`mqtt://${gatehouse.mqtt}`, `${gatehouse.url.replace('http', 'ws')}/mqtt`]
  for (const url of ways) {
    for (const version of [4, 5] as const) {
      const firmware = `${url.slice(0, 2)}-${version}`
      const reader = await connect(url, { ...integrator, clientId: undefined }, version)
      // Until its connection is told too, what it reports is not shown as true now.
      const read = new Promise<void>((resolve) => {
        reader.on('message', (topic, payload) => {
          const told = topic.endsWith(`/device/${device.id}`) && payload.includes(firmware)
          if (told && payload.includes('"physical":"closed"')) resolve()
        })
      })
      await reader.subscribeAsync(integrator.filters, { qos: 1 })
      const writer = await connect(url, credential, version)
      const state = { at: 1767225600000, mode: 'controlled', physical: 'closed', tamper: false, capabilities: ['open'] }
      await writer.publishAsync(`${credential.topicPrefix}/state`, JSON.stringify({ ...state, firmware }), {
        qos: 1,
        retain: true,
      })
      await read
      await expect(reader.subscribeAsync('#')).rejects.toThrow()
      await writer.endAsync()
      await reader.endAsync()
      await expect(connect(url, {}, version)).rejects.toThrow()
      await expect(connect(url, { ...credential, password: 'wrong' }, version)).rejects.toThrow()
    }
  }
})

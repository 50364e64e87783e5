import { EventEmitter } from 'node:events'
import type { MqttClient } from 'mqtt'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { bytesOf, TestClient, type TestStep } from './testClient'

type Answer = (err: unknown, packet?: unknown) => void

/** A client of MQTT.js that answers when the test says so. */
class Fake extends EventEmitter {
  asked: { filter?: string; topic?: string; options?: { properties?: { userProperties: object } }; answer: Answer }[] =
    []
  end = vi.fn()
  getLastMessageId = () => 7
  subscribe = (filter: string, _: object, answer: Answer) => this.asked.push({ filter, answer })
  unsubscribe = (filter: string, answer: Answer) => this.asked.push({ filter, answer })
  publish = (topic: string, _: string, options: { properties: { userProperties: object } }, answer: Answer) =>
    this.asked.push({ topic, options, answer })
}

const ticket = { clientId: 'c', username: 'u', password: 'p', path: '/mqtt', filters: ['test/#'], expires: '' }
const refusal = (code: number) => Object.assign(new Error('refused'), { code })

describe('a test client', () => {
  let fake: Fake
  let now: number
  let steps: Partial<TestStep>[]
  let client: TestClient

  beforeEach(async () => {
    fake = new Fake()
    now = 0
    steps = []
    client = new TestClient(
      (s) => steps.push(s),
      () => now,
    )
    await client.connect(() => Promise.resolve(fake as unknown as MqttClient), ticket)
  })

  it('says how long the connection took', () => {
    now = 12
    fake.emit('connect')
    expect(steps).toEqual([{ kind: 'connected', took: 12, reason: 0 }])
  })

  it('says what the broker granted, and why it refused', () => {
    client.subscribe('test/#', 1)
    client.subscribe('#', 0)
    now = 3
    fake.asked[0]!.answer(null, [{ topic: 'test/#', qos: 1 }])
    fake.asked[1]!.answer(Object.assign(new Error('refused'), { packet: { granted: [0x87] } }))
    expect(steps).toMatchObject([
      { kind: 'subscribed', topic: 'test/#', qos: 1, took: 3 },
      { kind: 'refused', topic: '#', reason: 0x87, took: 3 },
    ])
    client.unsubscribe('test/#')
    fake.asked[2]!.answer(null)
    expect(steps[2]).toMatchObject({ kind: 'unsubscribed', topic: 'test/#' })
  })

  it('measures from the publish to the message that comes back', () => {
    client.publish('test/a', '闸', 1)
    now = 5
    fake.emit('packetreceive', { cmd: 'puback', messageId: 7, reasonCode: 0x10 })
    fake.asked[0]!.answer(null)
    now = 8
    const properties = fake.asked[0]!.options!.properties
    fake.emit('message', 'test/a', new TextEncoder().encode('闸'), { qos: 1, retain: false, properties })
    fake.emit('message', 'test/b', new Uint8Array(), { qos: 0, retain: false })
    expect(steps).toEqual([
      { kind: 'published', topic: 'test/a', qos: 1, size: 3, took: 5, reason: 0x10 },
      { kind: 'received', topic: 'test/a', qos: 1, retain: false, size: 3, text: '闸', took: 8 },
      { kind: 'received', topic: 'test/b', qos: 0, retain: false, size: 0, text: '', took: undefined },
    ])
  })

  it('says why a message was refused', () => {
    client.publish('gatehouse/x', 'm', 1)
    fake.asked[0]!.answer(refusal(0x87))
    expect(steps).toMatchObject([{ kind: 'refused', topic: 'gatehouse/x', reason: 0x87 }])
  })

  it('says once why it ended, and then nothing', () => {
    fake.emit('disconnect', { reasonCode: 0x98 })
    fake.emit('close')
    fake.emit('close')
    fake.emit('connect')
    expect(steps).toEqual([{ kind: 'ended', reason: 0x98 }])
    expect(fake.end).toHaveBeenCalled()
  })

  it('says what the library says if no answer came', () => {
    fake.emit('error', new Error('connack timeout'))
    fake.emit('close')
    expect(steps).toEqual([{ kind: 'ended', reason: undefined, detail: 'connack timeout' }])
  })

  it('says nothing after its end', () => {
    client.end()
    fake.emit('close')
    expect(steps).toEqual([])
  })

  it('connects no more if it was ended meanwhile', async () => {
    const late = new Fake()
    const other = new TestClient(() => undefined)
    const connecting = other.connect(() => Promise.resolve(late as unknown as MqttClient), ticket)
    other.end()
    await connecting
    expect(late.end).toHaveBeenCalledWith(true)
    expect(late.listenerCount('connect')).toBe(0)
  })

  it('counts the bytes that are sent', () => {
    expect(bytesOf('a闸')).toBe(4)
  })
})

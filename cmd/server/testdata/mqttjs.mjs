// Talks to a broker with MQTT.js, the client of browsers and Node.js programs:
//
//	node mqttjs.mjs {folder with node_modules} {url} {protocol version} {user} {password}
//
// The user may use own/# and nothing else. Ends with "ok", or with what is wrong.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [folder, url, version, username, password] = process.argv.slice(2)
const { connect } = createRequire(join(folder, 'package.json'))('mqtt')
const base = { protocolVersion: Number(version), username, password, reconnectPeriod: 0, connectTimeout: 20_000 }
if (version === '3') base.protocolId = 'MQIsdp'

const fail = (what) => {
  console.log(what)
  process.exit(1)
}
setTimeout(() => fail('nothing more happens'), 25_000)

// open gives a client that is connected, and what it is given from then on.
function open(options) {
  return new Promise((resolve, reject) => {
    const client = connect(url, { ...base, ...options })
    const got = []
    const waiting = []
    client.on('message', (topic, payload, packet) => {
      const m = { topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain, properties: packet.properties }
      waiting.length > 0 ? waiting.shift()(m) : got.push(m)
    })
    const next = () => new Promise((r) => (got.length > 0 ? r(got.shift()) : waiting.push(r)))
    client.once('connect', (welcome) => resolve({ client, next, welcome }))
    client.once('error', reject)
  })
}

function expect(what, got, want) {
  if (JSON.stringify(got) !== JSON.stringify(want)) fail(`${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)
}

const five = version === '5'
const lasting = { clientId: 'mqtt.js', clean: false, ...(five ? { properties: { sessionExpiryInterval: 60 } } : {}) }

const first = await open(lasting)
const answer = await first.client.subscribeAsync('own/#', { qos: 2 })
expect('subscribed', answer.map((a) => a.qos), [2])
for (let i = 0; i < 9; i++) {
  const properties = five ? { properties: { userProperties: { n: String(i) }, correlationData: Buffer.from([i]), responseTopic: 'own/answer' } } : {}
  await first.client.publishAsync('own/门', `m${i}`, { qos: i % 3, ...properties })
  const m = await first.next()
  expect('message', [m.topic, m.payload, m.qos], ['own/门', `m${i}`, i % 3])
  if (five) expect('properties', [m.properties.userProperties.n, m.properties.responseTopic, [...m.properties.correlationData]], [String(i), 'own/answer', [i]])
}
await first.client.publishAsync('own/kept', 'kept', { qos: 1, retain: true })
expect('not yet kept', (await first.next()).retain, false)

const denied = await first.client.subscribeAsync('#').then(
  (a) => `granted ${a.map((g) => g.qos).join()}`,
  (e) => e.message,
)
expect('a filter without the right', denied, `Subscribe error: ${five ? 'Not authorized' : 'Unspecified error'}`)
const refused = await first.client.publishAsync('others/x', 'x', { qos: 1 }).then(
  () => 'taken',
  (e) => `error ${e.code}`,
)
expect('a publish without the right', refused, five ? 'error 135' : 'taken') // 3.1.1 has no word for it

await first.client.endAsync()
const other = await open({ clientId: 'other' })
await other.client.publishAsync('own/away', 'away', { qos: 1 })
const again = await open(lasting)
expect('session', again.welcome.sessionPresent, version !== '3') // 3.1 has no word for it
expect('what came meanwhile', (await again.next()).payload, 'away')
await other.client.subscribeAsync('own/kept', { qos: 1 })
const kept = await other.next()
expect('retained', [kept.payload, kept.retain], ['kept', true])
await other.client.publishAsync('own/kept', '', { qos: 1, retain: true })
await Promise.all([again.client.endAsync(), other.client.endAsync()])

const wrong = await open({ password: 'wrong' }).then(
  () => 'let in',
  (e) => `error ${e.code}`,
)
expect('a wrong password', wrong, five ? 'error 134' : 'error 4')
console.log('ok')
process.exit(0)

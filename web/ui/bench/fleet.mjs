// Many devices for the bench: each with a connection of its own, and as much news from all of them together as stdin asks for.
//   node bench/fleet.mjs FILE    FILE: {"broker": "host:port", "devices": [{"username", "password", "prefix", "kind"}]}
// It says "ready" once all are online and have reported. "rate N" on stdin: N reports a second from now on, by turns.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import mqtt from 'mqtt'

const { broker, devices } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const atOnce = 20
const moving = 2_000 // ms: how long one of them opens or closes

function report(d, physical) {
  const way = { mode: 'controlled', physical, tamper: false, at: Date.now() }
  const kind =
    d.kind === 'turnstile'
      ? { modes: { in: 'controlled', out: 'controlled' }, capabilities: ['pass'] }
      : { capabilities: ['open', 'close'] }
  return d.client.publishAsync(`${d.prefix}/state`, JSON.stringify({ ...way, ...kind }), { qos: 1, retain: true })
}

async function join(d, tries = 10) {
  try {
    const options = { clientId: d.username, username: d.username, password: d.password }
    d.client = await mqtt.connectAsync(`mqtt://${broker}`, {
      ...{ ...options, protocolVersion: 5, keepalive: 600, reconnectPeriod: 0, connectTimeout: 60_000 },
    })
    await report(d, 'closed')
  } catch (err) {
    if (tries === 0) throw err
    await setTimeout(1_000) // so many at once may be too many for a busy machine
    await join(d, tries - 1)
  }
}

/** Two reports: it moves, and comes to rest. */
async function move(d) {
  d.open = !d.open
  await report(d, d.open ? 'opening' : 'closing')
  await setTimeout(moving)
  await report(d, d.open ? 'open' : 'closed')
}

const waiting = [...devices]
const joiner = async () => {
  for (let d = waiting.pop(); d; d = waiting.pop()) await join(d)
}
await Promise.all(Array.from({ length: atOnce }, joiner))
console.log('ready')

let rate = 0
let due = 0
let next = 0
const tick = 20 // ms
setInterval(() => {
  for (due += (rate * tick) / 1_000; due >= 2; due -= 2) void move(devices[next++ % devices.length])
}, tick)
for await (const line of createInterface({ input: process.stdin })) {
  const [word, n] = line.split(' ')
  if (word === 'rate') rate = Number(n)
}
process.exit(0)

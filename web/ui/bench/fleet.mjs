// Many devices for the bench: each with a connection of its own, and as much news from all of them together as stdin asks for.
//   node bench/fleet.mjs FILE    FILE: {"broker": "host:port", "devices": [{"username", "password", "prefix", "kind"}]}
// It says "ready" once all are online and have reported. "rate N" on stdin: N reports a second from now on, by turns.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import mqtt from 'mqtt'

const { broker, devices } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const turn = ['closed', 'opening', 'open', 'closing']
const atOnce = 20

function report(d) {
  const way = { mode: 'controlled', physical: turn[d.step++ % turn.length], tamper: false, at: Date.now() }
  const kind =
    d.kind === 'turnstile'
      ? { modes: { in: 'controlled', out: 'controlled' }, capabilities: ['pass'] }
      : { capabilities: ['open', 'close'] }
  return d.client.publishAsync(`${d.prefix}/state`, JSON.stringify({ ...way, ...kind }), { qos: 1, retain: true })
}

async function join(d) {
  d.step = 0
  const options = { clientId: d.username, username: d.username, password: d.password }
  d.client = await mqtt.connectAsync(`mqtt://${broker}`, {
    ...{ ...options, protocolVersion: 5, keepalive: 600, reconnectPeriod: 0, connectTimeout: 60_000 },
  })
  await report(d)
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
  for (due += (rate * tick) / 1_000; due >= 1; due--) void report(devices[next++ % devices.length])
}, tick)
for await (const line of createInterface({ input: process.stdin })) {
  const [word, n] = line.split(' ')
  if (word === 'rate') rate = Number(n)
}
process.exit(0)

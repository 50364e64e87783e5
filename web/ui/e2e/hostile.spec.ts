import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import mqtt, { type MqttClient } from 'mqtt'
import { admin, call, enter, expect, test as base } from './fixtures'
import { Gatehouse } from './server'

// A property of its own: what is written here would stand on every other test's pages.
const test = base.extend<object, { gatehouse: Gatehouse }>({
  gatehouse: [
    async ({}, use) => {
      const gatehouse = new Gatehouse()
      try {
        await gatehouse.start()
        await use(gatehouse)
      } finally {
        await gatehouse.stop()
      }
    },
    { scope: 'worker', timeout: 90_000 },
  ],
})
test.describe.configure({ mode: 'serial' })

/** Texts that would call hit(n) if a page took them for anything but text; at most 80 characters. */
function payloads(): string[] {
  const ways: ((n: number) => string)[] = [
    (n) => `<script>hit(${n})</script>`,
    (n) => `<ScRiPt>hit(${n})</ScRiPt>`,
    (n) => `<img src=x onerror=hit(${n})>`,
    (n) => `<svg onload=hit(${n})>`,
    (n) => `<svg><script>hit(${n})</script></svg>`,
    (n) => `<body onload=hit(${n})>`,
    (n) => `<iframe srcdoc="<script>parent.hit(${n})</script>">`,
    (n) => `<iframe src="javascript:parent.hit(${n})">`,
    (n) => `<a href="javascript:hit(${n})">x</a>`,
    (n) => `javascript:hit(${n})`,
    (n) => `<details open ontoggle=hit(${n})>`,
    (n) => `<input autofocus onfocus=hit(${n})>`,
    (n) => `<video><source onerror=hit(${n})></video>`,
    (n) => `<object data="data:text/html,<script>hit(${n})</script>">`,
    (n) => `<embed src="javascript:hit(${n})">`,
    (n) => `<math href="javascript:hit(${n})">x</math>`,
    (n) => `<template><script>hit(${n})</script></template>`,
    (n) => `<base href="javascript:hit(${n})//">`,
    (n) => `<style>@import 'javascript:hit(${n})'</style>`,
    (n) => `<link rel=stylesheet href="javascript:hit(${n})">`,
    (n) => `<meta http-equiv=refresh content="0;javascript:hit(${n})">`,
    (n) => `{{constructor.constructor('hit(${n})')()}}`,
    (n) => `\${hit(${n})}`,
    (n) => `<form><button formaction=javascript:hit(${n})>x`,
    (n) => `&lt;script&gt;hit(${n})&lt;/script&gt;`,
  ]
  const breaks = ['', '">', `'>`, '</title>']
  return breaks.flatMap((b, i) => ways.map((way, j) => (b + way(i * ways.length + j)).slice(0, 80)))
}

/** Does something with each, ten at once. */
async function inTens<A, B>(list: readonly A[], act: (a: A, i: number) => Promise<B>): Promise<B[]> {
  const done: B[] = []
  for (let at = 0; at < list.length; at += 10)
    done.push(...(await Promise.all(list.slice(at, at + 10).map((a, i) => act(a, at + i)))))
  return done
}

interface Issued {
  clientId: string
  username: string
  password: string
  topicPrefix: string
}

function connect(gatehouse: Gatehouse, who: Partial<Issued>): Promise<MqttClient> {
  return mqtt.connectAsync(`mqtt://${gatehouse.mqtt}`, { ...who, protocolVersion: 5, reconnectPeriod: 0 })
}

test('no text that somebody else wrote is ever run by a page', async ({ page, gatehouse }, info) => {
  test.setTimeout(300_000) // forty pages, one after the other
  const list = payloads()
  expect(list).toHaveLength(100)
  const hits: number[] = []
  await page.exposeFunction('hit', (n: number) => hits.push(n))
  page.on('dialog', (d) => void d.dismiss().then(() => hits.push(-1)))
  await enter(page, gatehouse)
  const make = <T>(path: string, data?: object): Promise<T> => call<T>(page, gatehouse, 'POST', path, data)

  // Names of everything that has one.
  const site = await make<{ id: string }>('/sites', { name: list[0], timeZone: 'Asia/Shanghai' })
  const zone = await make<{ id: string }>(`/sites/${site.id}/zones`, { name: list[1] })
  const kinds = ['gate', 'turnstile', 'camera'] as const
  const devices = (
    await inTens(list, (name, i) => make<{ id: string }>('/devices', { zone: zone.id, kind: kinds[i % 3], name }))
  ).map((d) => d.id)
  await inTens(list.slice(0, 10), async (name) => {
    await make('/schedules', { device: devices[0], name, cron: '0 12 * * *', action: 'open' })
    await make('/integrators', { name, sites: [site.id] })
    await make('/roles', { name: name.slice(0, 40), verbs: ['devices.see'] })
    await make('/tokens', { name, verbs: ['devices.see'], expires: new Date(Date.now() + 86_400_000).toISOString() })
  })

  // What devices and programs say: states, events, what cannot be understood, client ids, topics.
  const gate = await make<Issued>(`/devices/${devices[0]}/credential`)
  const device = await connect(gatehouse, gate)
  const state = { mode: 'controlled', physical: 'closed', tamper: false, capabilities: ['open'] }
  await inTens(list, async (text, i) => {
    await device.publishAsync(`${gate.topicPrefix}/event`, JSON.stringify({ id: text, kind: text, text }), { qos: 1 })
    if (i % 10 === 0)
      await device.publishAsync(
        `${gate.topicPrefix}/state`,
        JSON.stringify({ ...state, at: Date.now() + i, firmware: text }),
        { qos: 1, retain: true },
      )
    await page.request.fetch(`${gatehouse.url}/api/v1/devices/${devices[0]}/commands`, {
      method: 'POST',
      data: { action: 'open', reason: text },
      headers: { 'Idempotency-Key': `hostile-${String(i).padStart(4, '0')}` },
    })
  })
  const reader = await make<{ username: string; password: string }>('/integrators', {
    name: 'reader',
    sites: [site.id],
  })
  const programs: MqttClient[] = []
  for (const text of list.slice(0, 8)) programs.push(await connect(gatehouse, { ...reader, clientId: text }))
  await page.request.fetch(`${gatehouse.url}/api/v1/session`, {
    method: 'POST',
    data: { name: admin.name, password: admin.password },
    headers: { 'User-Agent': list[2]! },
  })

  // Whom the broker keeps out, and why.
  await inTens(list.slice(10, 20), async (text) => {
    await make('/broker/bans', { kind: 'client', value: text, reason: text })
    await make('/broker/bans', { kind: 'username', value: text, reason: text })
  })

  const made = '[onerror],[onload],[ontoggle],[onfocus],iframe,object,embed,base'
  // Where it is seen on the page, as text, that is said with the path.
  for (const [path, seen] of [
    ['/'],
    [`/devices/${devices[0]}`],
    [`/devices/${devices[1]}`],
    [`/devices/${devices[2]}`],
    ['/alarms'],
    ['/events'],
    ['/ledger'],
    ['/pictures'],
    ['/statistics'],
    ['/schedules'],
    ['/safety'],
    ['/batches'],
    [`/registry?q=${encodeURIComponent(list[2]!)}`, list[2]],
    ['/registry/new'],
    [`/device/${devices[0]}`],
    [`/booth?lanes=${devices[0]}`],
    ['/plans'],
    [`/replay?device=${devices[0]}&span=1h`],
    ['/shifts'],
    ['/system'],
    ['/system?tab=backups'],
    ['/system?tab=log'],
    ['/quarantine'],
    ['/integrators', list[2]],
    ['/tokens', list[2]],
    ['/booths'],
    ['/people', list[2]],
    ['/me'],
    ['/broker'],
    ['/broker?tab=bans', list[12]],
    ['/broker?tab=topics'],
    ['/broker?tab=retained'],
    ['/broker?tab=counts'],
    ['/broker?tab=test', 'Nothing has happened yet'],
    ['/broker?tab=certificates', 'Nothing is reached by TLS'],
    [`/broker/clients/${encodeURIComponent(list[2]!)}`],
    ['/audit'],
    [`/nowhere?x=${encodeURIComponent(list[0]!)}#${encodeURIComponent(list[2]!)}`],
  ] as [string, string?][]) {
    await page.goto(gatehouse.url + path)
    await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText('Loading…')).toHaveCount(0)
    if (seen) await expect(page.getByText(seen, { exact: true }).first()).toBeVisible()
    // Nor does any element stand there that a text has made.
    expect(await page.locator(made).count(), path).toBe(0)
  }
  // What is published may be anything, by topic and by content. Topics are counted while somebody looks at them.
  const tester = await connect(gatehouse, await make<Issued>('/broker/test-ticket'))
  programs.push(tester)
  const say = () => inTens(list, (text) => tester.publishAsync(`test/${text}`, text, { qos: 1 }))
  await call(page, gatehouse, 'GET', '/broker/topics')
  await say()
  for (const [text, level] of [
    [list[3]!, list[3]!],
    [list[22]!, list[22]!],
    [list[0]!, list[0]!.split('/')[0]!],
  ] as const) {
    await page.goto(`${gatehouse.url}/broker?tab=topics&prefix=test/&text=${encodeURIComponent(text)}`)
    await expect(page.getByRole('list', { name: 'Topics' }).getByText(level).first()).toBeVisible()
    expect(await page.locator(made).count(), `topic ${text}`).toBe(0)
  }
  // A test client shows what it subscribes to, and what it hears.
  await page.goto(`${gatehouse.url}/broker?tab=test`)
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  const filter = page.getByRole('textbox', { name: 'Topic filter' })
  const log = page.getByRole('log', { name: 'What happened' })
  for (const wanted of [`test/${list[2]}`, 'test/#']) {
    await filter.fill(wanted)
    await filter.press('Enter')
    await expect(log.getByText(wanted, { exact: true })).toBeVisible()
  }
  await say()
  for (const text of list.slice(-3)) await expect(log.getByText(text, { exact: true })).toBeVisible()
  expect(await page.locator(made).count(), 'test client').toBe(0)
  expect(hits).toEqual([])
  info.annotations.push({ type: 'measured', description: `${list.length} texts, ${hits.length} executions` })
  await Promise.all([device, ...programs].map((c) => c.endAsync()))
})

test.describe('a page of somebody else', () => {
  // It is refused, which the browser says.
  test.use({ allowed: [/./] })
  let foreign: Server
  let port = 0

  test.beforeAll(async () => {
    foreign = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<title>foreign</title>'))
    await new Promise<void>((listening) => foreign.listen(0, '127.0.0.1', listening))
    port = (foreign.address() as AddressInfo).port
  })
  test.afterAll(() => void foreign.close())

  test('cannot use the session of the browser, nor open MQTT, nor frame the console', async ({ page, gatehouse }) => {
    await enter(page, gatehouse)
    const sites = async () =>
      (await call<{ sites: { id: string; name: string }[] }>(page, gatehouse, 'GET', '/live/snapshot')).sites
        .map((s) => `${s.id} ${s.name}`)
        .sort()
    const before = await sites()
    const own = new URL(gatehouse.url)
    // Another port of the same host is the same site: the cookie goes along. Another host is not.
    for (const host of ['localhost', '127.0.0.1']) {
      await page.goto(`http://${host}:${port}/`)
      const got = await page.evaluate(async (url) => {
        const outcome: Record<string, string> = {}
        const tries: [string, string, RequestInit][] = [
          ['read', '/session', {}],
          ['ticket', '/live/ticket', { method: 'POST' }],
          [
            'json',
            '/sites',
            { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"x","timeZone":"UTC"}' },
          ],
          ['text', '/sites', { method: 'POST', mode: 'no-cors', body: '{"name":"x","timeZone":"UTC"}' }],
          ['sign out', '/session', { method: 'DELETE' }],
        ]
        for (const [name, path, init] of tries) {
          outcome[name] = await fetch(`${url}/api/v1${path}`, { credentials: 'include', ...init }).then(
            (r) => (r.type === 'opaque' ? 'opaque' : `read ${r.status}`),
            () => 'refused',
          )
        }
        outcome.mqtt = await new Promise((done) => {
          const socket = new WebSocket(`${url.replace('http', 'ws')}/mqtt`, 'mqtt')
          socket.onopen = () => done('open')
          socket.onerror = () => done('refused')
        })
        const frame = document.createElement('iframe')
        frame.src = url
        const loaded = new Promise((done) => (frame.onload = done))
        document.body.append(frame)
        await loaded
        try {
          outcome.frame = frame.contentDocument ? 'readable' : 'closed'
        } catch {
          outcome.frame = 'closed'
        }
        return outcome
      }, own.origin)
      expect(got, host).toEqual({
        read: 'refused',
        ticket: 'refused',
        json: 'refused',
        text: 'refused', // nothing of it is told, and nothing was made, as is seen below
        'sign out': 'refused',
        mqtt: 'refused',
        frame: 'closed',
      })
      for (const frame of page.frames().filter((f) => f !== page.mainFrame()))
        expect(await frame.locator('#app').count()).toBe(0)
    }
    // The session is what it was, and nothing was made.
    expect(await sites()).toEqual(before)
  })

  test('cannot use a ticket a second time', async ({ page, gatehouse }) => {
    await enter(page, gatehouse)
    const ticket = await call<Issued>(page, gatehouse, 'POST', '/live/ticket')
    const first = await connect(gatehouse, ticket)
    await expect(connect(gatehouse, ticket)).rejects.toThrow()
    await first.endAsync()
  })
})

import mqtt from 'mqtt'
import type { Page } from '@playwright/test'
import { accessible, axe, enter, expect, test } from './fixtures'

test.describe.configure({ mode: 'serial' })
// What is not there, and a filter that is none, are asked for on purpose.
test.use({ allowed: [/status of (404|422)/] })

const tab = (page: Page, name: string) => page.getByRole('tab', { name })
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })

test('a device is seen among the clients, disconnected, and comes back with the cause', async ({ page, gatehouse }) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  await page.getByRole('link', { name: 'Broker' }).first().click()
  await expect(page.getByRole('heading', { name: 'Broker' })).toBeVisible()
  await expect(page.getByText(/\d+ connected, \d+ sessions in all/)).toBeVisible()
  await page.getByRole('searchbox', { name: 'Search' }).fill(gate.name)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/text=/)
  await expect(page.getByText(/\d+ match/)).toBeVisible()
  await expect(row(page, `device:${gate.id}`)).toContainText('Connected')
  await expect(row(page, `device:${gate.id}`)).toContainText('5.0')
  await accessible(page)

  await page.getByRole('link', { name: gate.name }).click()
  await expect(page).toHaveURL(new RegExp(`/broker/clients/${gate.id}$`))
  await expect(page.getByRole('heading', { name: gate.name })).toBeVisible()
  await expect(page.getByRole('table', { name: 'Subscriptions' })).toContainText('/command')
  await accessible(page)

  // By keyboard: the button, the reason, the order.
  await page.getByRole('button', { name: 'Disconnect' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: `Disconnect “${gate.name}”` })
  await dialog.getByLabel('What the client is told').selectOption('server_busy')
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Disconnect' }).press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByText('disconnected by an administrator')).toBeVisible()
  await expect(page.getByText('Connected', { exact: true })).toBeVisible({ timeout: 30_000 })
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)

  await page.getByRole('link', { name: 'All clients' }).click()
  await expect(row(page, `device:${gate.id}`)).toContainText('disconnected by an administrator')
  await page.goto(`${gatehouse.url}/audit`)
  await expect(row(page, 'MQTT client disconnected').first()).toContainText(gate.name)
  await page.goto(`${gatehouse.url}/broker/clients/${encodeURIComponent('no/such client')}`)
  await expect(page.getByText('There is no such client')).toBeVisible()
})

test('topics are seen level by level, a retained message is removed, and a test client tries the broker', async ({
  page,
  gatehouse,
}) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/broker`)
  await tab(page, 'Topics').click()
  await page.getByRole('button', { name: 'gatehouse/v1' }).click()
  await page.getByRole('button', { name: 'devices' }).press('Enter')
  await expect(page).toHaveURL(/open=/)
  await page.getByRole('searchbox', { name: 'Search' }).fill(`${gate.id}/state`)
  await page.keyboard.press('Enter')
  const topic = page.getByRole('list', { name: 'Topics' }).getByRole('listitem').filter({ hasText: `/state` })
  await expect(topic.last()).toContainText(/retained.*from/)
  await expect(topic.last().getByRole('link', { name: new RegExp(`^Trace gatehouse.*${gate.id}/state`) })).toBeVisible()
  await accessible(page)
  await topic
    .last()
    .getByRole('button', { name: /^Show gatehouse/ })
    .click()
  await expect(page.getByRole('region', { name: 'Payload' })).toContainText('"physical": "closed"')
  await page.keyboard.press('Escape')

  await tab(page, 'Retained messages').click()
  const filter = page.getByRole('textbox', { name: 'Topic filter' })
  await filter.fill('#/wrong')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/not the whole last level/).first()).toBeVisible()
  await filter.fill(`gatehouse/v1/devices/+/${gate.id}/state`)
  await page.keyboard.press('Enter')
  const state = row(page, `${gate.id}/state`)
  await expect(state).toContainText('"physical":"closed"')
  await accessible(page)

  await state.getByRole('button', { name: /^Show/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Retained message' })
  await expect(dialog.getByRole('region', { name: 'Payload' })).toContainText('"physical": "closed"')
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  // The status stays what the device said last: removing it changes nothing else of this property.
  await filter.fill(`gatehouse/v1/devices/+/${gate.id}/status`)
  await page.keyboard.press('Enter')
  const status = row(page, `${gate.id}/status`)
  await status.getByRole('button', { name: /^Delete/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('No retained message matches')).toBeVisible()

  // A test client of the page hears what it says, and is refused what is of devices.
  await tab(page, 'Test client').click()
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(filter).toHaveValue('test/#')
  await filter.press('Enter')
  const log = page.getByRole('log', { name: 'What happened' })
  await expect(log).toContainText('The broker sends messages with QoS 1 at most.')
  await page.getByRole('button', { name: 'Publish' }).click()
  await expect(log).toContainText(/Received.*test\/hello.*from publish to receipt/)
  expect(await axe(page)).toEqual([])
  await filter.fill(`gatehouse/v1/devices/+/${gate.id}/#`)
  await filter.press('Enter')
  await page.getByRole('textbox', { name: 'Topic', exact: true }).fill(`gatehouse/v1/devices/x/${gate.id}/command`)
  await page.getByRole('button', { name: 'Publish' }).press('Enter')
  await expect(log.getByText(/Not permitted: only topics below test.*0x87/)).toHaveCount(2)
  await page.getByRole('button', { name: 'Disconnect' }).click()
  await expect(page.getByText('Not connected')).toBeVisible()
})

test('a refusal is counted by its reason', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/broker?tab=counts`)
  const refused = page.getByRole('table', { name: 'Refused' }).getByRole('row', { name: /^Wrong user name/ })
  const count = async () => Number((await refused.getByRole('cell').last().innerText()).replace(/\D/g, ''))
  await expect(refused).toBeVisible()
  const before = await count()
  const stranger = mqtt.connect(`mqtt://${gatehouse.mqtt}`, {
    username: 'nobody',
    password: 'wrong',
    reconnectPeriod: 0,
  })
  await new Promise((resolve) => stranger.once('error', resolve))
  stranger.end(true)
  // The page learns it by itself.
  await expect.poll(count).toBe(before + 1)
  await accessible(page)
})

test('a command is traced from the server to the acknowledgement of the device', async ({ page, gatehouse }) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/broker/clients/${gate.id}`)
  await page.getByRole('link', { name: 'Trace its messages' }).click()
  await expect(page.getByLabel('Client id')).toHaveValue(gate.id)
  await page.getByLabel('Client id').fill('')
  await page.getByRole('textbox', { name: 'Topic filter' }).fill(`gatehouse/v1/devices/+/${gate.id}/command`)
  await page.keyboard.press('Enter')
  await expect(page.getByText('Tracing', { exact: true })).toBeVisible()
  await expect(page.getByText('No message has come by yet')).toBeVisible()
  await accessible(page)

  const answer = await page.request.post(`${gatehouse.url}/api/v1/devices/${gate.id}/commands`, {
    data: { action: 'open' },
    headers: { 'Idempotency-Key': `trace-${Date.now()}` },
  })
  expect(answer.status()).toBe(202)
  const message = page.getByRole('list', { name: 'Messages and their steps' }).getByRole('listitem').first()
  for (const step of ['Received', 'Sent', 'Acknowledged']) {
    await expect(message.getByText(step, { exact: true })).toBeVisible()
  }
  await expect(message.getByText(gate.name).first()).toBeVisible()
  await accessible(page)

  await page.getByRole('button', { name: 'Stop trace' }).click()
  await expect(page.getByText('The trace has ended')).toBeVisible()
  await expect(message).toBeVisible()
  await expect(page.getByRole('button', { name: 'Start trace' })).toBeVisible()
  // The simulator saw the same command.
  expect((await gatehouse.device(gate.name)).lastCommand).toBeTruthy()
})

test('the clients fit windows of any width', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/broker`)
  for (const width of [760, 1060, 1100, 1280, 1366]) {
    await page.setViewportSize({ width, height: 900 })
    const button = page.getByRole('button', { name: /^Disconnect/ }).first()
    await expect(button).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}`).toBe(true)
    expect(await page.evaluate(linesOf, 'td .btn'), `${width}: the button`).toBe(1)
    expect(await page.evaluate(linesOf, 'td .address'), `${width}: the address`).toBe(1)
    if (process.env.GATEHOUSE_LOOK) await page.screenshot({ path: `${process.env.GATEHOUSE_LOOK}/broker-${width}.png` })
  }
  await accessible(page)
})

/** On how many lines the text of an element stands, at most. */
function linesOf(selector: string): number {
  const lines = [...document.querySelectorAll(selector)].map((e) => {
    const text = document.createRange()
    text.selectNodeContents(e)
    return new Set([...text.getClientRects()].map((r) => Math.round(r.top))).size
  })
  return Math.max(...lines)
}

test('two programs that fight over a client identifier are seen', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  const api = async (path: string, data: object): Promise<unknown> => {
    const answer = await page.request.post(`${gatehouse.url}/api/v1${path}`, { data })
    expect(answer.ok(), `${path}: ${answer.status()}`).toBe(true)
    return answer.json()
  }
  const site = (await api('/sites', { name: 'Twins', timeZone: 'Asia/Shanghai' })) as { id: string }
  const who = (await api('/integrators', { name: 'Twins', sites: [site.id] })) as { username: string; password: string }
  const twins = [1, 2].map(() =>
    mqtt.connect(`mqtt://${gatehouse.mqtt}`, {
      username: who.username,
      password: who.password,
      clientId: 'twin',
      reconnectPeriod: 300,
    }),
  )
  await page.goto(`${gatehouse.url}/broker`)
  await page.getByLabel('Sort').selectOption('takeOvers')
  const first = page.getByRole('table', { name: 'Clients' }).getByRole('row').nth(1)
  await expect(first).toContainText('twin')
  await expect(first).toContainText('Fought over')
  await accessible(page)
  await first.getByRole('link', { name: 'twin' }).click()
  await expect(page.getByText('Two programs connect with this client id')).toBeVisible()
  await accessible(page)

  // Both come by one user name: banned, neither is let in, and the list says how often.
  await page.getByRole('button', { name: 'Ban…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ban from the broker' })
  await expect(dialog.getByLabel('What it goes by')).toHaveValue('username')
  await expect(dialog.getByRole('textbox', { name: 'User name' })).toHaveValue(who.username)
  await dialog.getByRole('button', { name: 'Floods the broker' }).click()
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Ban now' }).click()
  await expect(dialog).toBeHidden()
  await page.goto(`${gatehouse.url}/broker?tab=bans`)
  const ban = page.getByRole('table', { name: 'Bans' }).getByRole('row').filter({ hasText: who.username })
  await expect(ban).toContainText('Floods the broker')
  await expect(ban).toContainText(/last .*ago/)
  await accessible(page)
  await ban.getByRole('button', { name: /^Lift/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Banned by mistake' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Lift the ban' }).click()
  const over = page.getByRole('table', { name: 'Over in the last 30 days' })
  await expect(over).toContainText('lifted by')
  await expect(page.getByText('Nobody is banned')).toBeVisible()

  await page.goto(`${gatehouse.url}/broker?tab=counts`)
  await expect(page.getByText('Client ids fought over').locator('..')).toContainText(/\D1$/)
  for (const twin of twins) twin.end(true)
})

test('the pages of the broker fit a phone @phone', async ({ page, gatehouse }) => {
  await page.goto(gatehouse.url)
  await enter(page, gatehouse)
  for (const name of ['clients', 'bans', 'topics', 'retained', 'counts', 'trace', 'test']) {
    await page.goto(`${gatehouse.url}/broker?tab=${name}`)
    const there = { trace: 'Nothing was traced yet', test: 'Nothing has happened yet' }[name] ?? /^as of/
    await expect(page.getByText(there).first()).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name).toBe(true)
    expect(await axe(page)).toEqual([])
  }
})

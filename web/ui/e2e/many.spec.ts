import mqtt, { type MqttClient } from 'mqtt'
import type { Page } from '@playwright/test'
import { accessible, axe, call, enter, expect, test } from './fixtures'
import type { Gatehouse } from './server'

test('one order goes to every device of a site that can do it, and says what became of each', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const cameras = (await gatehouse.devices()).filter((d) => d.kind === 'camera')
  for (const c of cameras) await expect.poll(async () => (await gatehouse.device(c.name)).connected).toBe(true)

  await page.goto(`${gatehouse.url}/batches`)
  const place = page.getByLabel('Place', { exact: true })
  const site = (await place.locator('option').first().textContent())!
  await place.selectOption({ label: site })
  await page.getByLabel('Order', { exact: true }).selectOption({ label: 'Take picture' })
  await page.getByRole('button', { name: 'Order all' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('test of the cameras')
  await dialog.getByLabel('Type').fill(site)
  await dialog.getByRole('button', { name: 'Order all' }).click()
  await expect(dialog).toBeHidden()

  const rows = page.locator('[data-device]')
  await expect(rows.first()).toBeVisible()
  await expect(rows.filter({ hasText: 'Confirmed' })).toHaveCount(await rows.count())
  const past = page.getByRole('table', { name: 'Past orders' }).getByRole('row')
  await expect(past.filter({ hasText: 'test of the cameras' }).first()).toContainText('Take picture')
  await accessible(page)
  // What became of it has an address.
  await expect(page).toHaveURL(/batch=/)
  const done = await rows.count()
  await page.reload()
  await expect(rows.filter({ hasText: 'Confirmed' })).toHaveCount(done)
})

interface Credential {
  clientId: string
  username: string
  password: string
  topicPrefix: string
}

/** A gate that takes one message and acknowledges none: what is ordered after the first waits in the server. */
async function stuckGate(page: Page, gatehouse: Gatehouse, zone: string, name: string) {
  const { id } = await call<{ id: string }>(page, gatehouse, 'POST', '/devices', { zone, kind: 'gate', name })
  const who = await call<Credential>(page, gatehouse, 'POST', `/devices/${id}/credential`)
  const { clientId, username, password } = who
  const client: MqttClient = mqtt.connect(`mqtt://${gatehouse.mqtt}`, {
    ...{ clientId, username, password, protocolVersion: 5, keepalive: 0, reconnectPeriod: 0 },
    properties: { receiveMaximum: 1 },
  })
  const taken: string[] = []
  client.handleMessage = (packet, done) => {
    if (packet.topic.endsWith('/command')) taken.push(packet.payload.toString())
    else done()
  }
  await new Promise((up) => client.once('connect', up))
  await client.subscribeAsync(`${who.topicPrefix}/command`, { qos: 1 })
  const state = { mode: 'controlled', physical: 'closed', tamper: false, capabilities: ['open', 'close'] }
  const said = JSON.stringify({ ...state, at: Date.now() })
  await client.publishAsync(`${who.topicPrefix}/state`, said, { qos: 1, retain: true })
  return { id, taken, end: () => client.end(true) }
}

test('what is not sent yet is taken back, one order or the rest of many', async ({ page, gatehouse }, info) => {
  const word = `Quay ${info.repeatEachIndex}`
  await enter(page, gatehouse)
  const place = { name: word, timeZone: 'Asia/Shanghai' }
  const site = await call<{ id: string }>(page, gatehouse, 'POST', '/sites', place)
  const zone = await call<{ id: string }>(page, gatehouse, 'POST', `/sites/${site.id}/zones`, { name: 'Lock' })
  const gates = [
    await stuckGate(page, gatehouse, zone.id, 'Lock in'),
    await stuckGate(page, gatehouse, zone.id, 'Lock out'),
  ]
  // The first order reaches the gate, which says nothing of it.
  await page.goto(`${gatehouse.url}/devices/${gates[0]!.id}`)
  const panel = page.getByRole('complementary', { name: 'Device details' })
  await panel.getByRole('button', { name: 'Close', exact: true }).first().click()
  await expect.poll(() => gates[0]!.taken.length).toBe(1)
  await panel.getByRole('button', { name: /^Open/ }).click()
  await panel.getByRole('button', { name: 'Take back' }).click()
  await expect(panel.getByText(/^Open: Cancelled/)).toBeVisible()
  expect(await axe(page)).toEqual([])

  await page.goto(`${gatehouse.url}/batches`)
  await page.getByLabel('Place', { exact: true }).selectOption({ label: word })
  await page.getByLabel('Order', { exact: true }).selectOption({ label: 'Open' })
  await page.getByRole('button', { name: 'Order all' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('a ship comes in')
  await dialog.getByLabel('Type').fill(word)
  await dialog.getByRole('button', { name: 'Order all' }).click()
  await expect(dialog).toBeHidden()
  await expect.poll(() => gates[1]!.taken.length).toBe(1)
  await page.getByRole('button', { name: 'Stop the rest' }).click()
  const result = (id: string) => page.locator(`li[data-device="${id}"]`)
  await expect(result(gates[0]!.id)).toContainText('Cancelled')
  await expect(result(gates[1]!.id)).toContainText('Sent')
  await expect(page.getByRole('button', { name: 'Stop the rest' })).toBeHidden()
  // Neither of what was taken back was ever told.
  expect(
    gates.map((g) => g.taken.length),
    JSON.stringify(gates),
  ).toEqual([1, 1])
  for (const g of gates) g.end()
})

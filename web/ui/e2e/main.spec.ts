import { accessible, axe, enter, expect, setLanguage, test } from './fixtures'
import type { Page } from '@playwright/test'
import { Gatehouse } from './server'

const panel = (page: Page) => page.getByRole('complementary', { name: 'Device details' })
const tile = (page: Page, id: string) => page.locator(`[data-device="${id}"]`)
const ladder = (page: Page) => panel(page).getByRole('region', { name: 'What happened, step by step' })

async function gate(gatehouse: Gatehouse, index = 0) {
  const gates = (await gatehouse.devices()).filter((d) => d.kind === 'gate')
  return gates[index]!
}

test.describe.configure({ mode: 'serial' })

test('set-up, sign-out and sign-in, in both languages', async ({ page }) => {
  const gatehouse = new Gatehouse() // nobody has been there before
  await gatehouse.start()
  try {
    await setUp(page, gatehouse)
  } finally {
    await gatehouse.stop()
  }
})

async function setUp(page: Page, gatehouse: Gatehouse): Promise<void> {
  await page.goto(gatehouse.url)
  await expect(page).toHaveURL(/\/setup$/)
  await accessible(page)
  await page.getByLabel('Setup token').fill('wrong')
  await page.getByLabel('User name').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill('orchard lantern kettle river')
  await page.getByLabel('Password again').fill('another')
  await page.getByRole('button', { name: 'Create administrator' }).click()
  await expect(page.getByText('The two passwords differ')).toBeVisible()

  await enter(page, gatehouse)
  await expect(page.getByRole('heading', { name: 'Wall' })).toBeVisible()

  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/login/)
  await accessible(page)
  await enter(page, gatehouse)

  // The language is the user's, not the browser's: it is kept on the server.
  const kept = page.waitForResponse((r) => r.request().method() === 'PATCH' && r.url().endsWith('/api/v1/session'))
  await setLanguage(page, 'zh-CN')
  await kept
  await page.evaluate(() => localStorage.clear())
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await setLanguage(page, 'en')
  await page.goto('about:blank')
}

test('the wall shows every device of the simulator with its own report', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  const all = await gatehouse.devices()
  for (const d of all) await expect(tile(page, d.id)).toContainText(d.name)
  await expect(tile(page, (await gate(gatehouse)).id)).toContainText('Closed')
  const cameras = all.filter((d) => d.kind === 'camera')
  const tiles = await page.locator('[data-device]').count() // other tests may have registered devices
  await page.getByRole('searchbox').fill(cameras[0]!.name)
  await expect(page.locator('[data-device]')).toHaveCount(1)
  await expect(page).toHaveURL(/q=/)
  await page.getByRole('searchbox').fill('no such device')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page.locator('[data-device]')).toHaveCount(tiles)

  // Everything is reached by its name, without the mouse.
  const jump = page.getByRole('dialog', { name: 'Go to …' })
  await page.keyboard.press('Control+k')
  await jump.getByRole('combobox').fill(cameras[0]!.name)
  await expect(jump.getByRole('option')).toHaveCount(1)
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('heading', { name: cameras[0]!.name })).toBeVisible()
  await page.keyboard.press('Control+k')
  await jump.getByRole('combobox').fill('statist')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Statistics', level: 1 })).toBeVisible()
})

test('Open goes step by step, and the gate opens and closes by its own reports', async ({ page, gatehouse }) => {
  const d = await gate(gatehouse)
  await enter(page, gatehouse)
  // By keyboard alone: to the tile, into the panel, and back.
  await tile(page, d.id).focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/devices/${d.id}`))
  const open = panel(page).getByRole('button', { name: /^Open/ })
  await open.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter') // a nervous finger is not a second order
  for (const step of ['accepted', 'sent', 'delivered', 'done', 'confirmed']) {
    await expect(ladder(page).locator(`[data-step="${step}"]`)).toBeVisible()
  }
  await expect(panel(page).getByText(/^Open: Confirmed/)).toBeVisible()
  await expect(tile(page, d.id)).toContainText('Open')
  await expect(tile(page, d.id)).toContainText('Closed', { timeout: 30_000 })
  await expect(panel(page).getByRole('tabpanel').locator('summary')).toHaveCount(1)
  expect((await gatehouse.device(d.name)).lastCommand).toBeTruthy()
  await accessible(page)
  await page.keyboard.press('Escape')
  await expect(tile(page, d.id)).toBeFocused()
})

test('a device that is cut shows offline within a second, and Open fails at once with the reason', async ({
  page,
  gatehouse,
}) => {
  const d = await gate(gatehouse, 1)
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/devices/${d.id}`)
  await expect(tile(page, d.id)).toContainText('Online')
  await gatehouse.sim(d, 'cut')
  await expect(tile(page, d.id)).toContainText('Offline')
  await expect(tile(page, d.id)).toContainText('since')
  await expect(page.getByRole('region', { name: 'Needs attention' })).toContainText(d.name)

  await panel(page).getByRole('button', { name: /^Open/ }).click()
  await expect(panel(page).getByText(/^Open: Failed/)).toBeVisible()
  await expect(ladder(page)).toContainText('certainly not executed')
  await accessible(page)

  await page
    .getByRole('group', { name: 'Filter by state' })
    .getByRole('button', { name: /Offline/ })
    .click()
  await expect(tile(page, (await gate(gatehouse)).id)).toHaveCount(0)
  await expect(tile(page, d.id)).toBeVisible()
  await page.getByRole('group', { name: 'Filter by state' }).getByRole('button', { name: /All/ }).click()

  await gatehouse.sim(d, 'restore')
  await expect(tile(page, d.id)).toContainText('Online')
  await expect(tile(page, d.id)).toContainText('Closed')
})

test('the simulator is killed: every device is offline, and comes back by its own report', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const all = await gatehouse.devices()
  await gatehouse.killSimulator()
  const offline = page.getByRole('group', { name: 'Filter by state' }).getByRole('button', { name: /Offline/ })
  await expect(offline).toContainText(String(all.length))
  await gatehouse.startSimulator()
  await expect(offline).toContainText('0')
  for (const d of all.filter((x) => x.kind === 'gate')) await expect(tile(page, d.id)).toContainText('Closed')
})

test('a car leaves a passage, a picture and exactly one ledger row, also when it is said twice', async ({
  page,
  gatehouse,
}) => {
  const d = await gate(gatehouse)
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/devices/${d.id}?tab=events`)
  await gatehouse.sim(d, 'car')
  const events = panel(page).getByRole('tabpanel')
  await expect(events.getByText(/Passage/).first()).toBeVisible({ timeout: 30_000 })
  const picture = events.getByRole('img').first()
  await expect(picture).toBeVisible({ timeout: 30_000 })
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0)
  await picture.click()
  await expect(page.getByRole('dialog').getByRole('img', { name: /Picture/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()

  await page.goto(`${gatehouse.url}/ledger?device=${d.id}`)
  const rows = page.getByRole('table', { name: 'Ledger' }).getByRole('row')
  await expect(rows).toHaveCount(2) // the heading and the row
  await gatehouse.sim(d, 'repeat-billing')
  const second = await gatehouse.sim(d, 'car')
  // What the second car owes comes after the repetition: once it is here, a second row of the first would be too.
  await expect(page.getByRole('cell', { name: second.billing })).toBeVisible({ timeout: 30_000 })
  await expect(rows).toHaveCount(3)
  await expect(page.getByText('2 rows')).toBeVisible()
  await accessible(page)
})

test('a schedule is made with simple choices, previewed by the server, paused and deleted', async ({
  page,
  gatehouse,
}) => {
  const d = await gate(gatehouse)
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/schedules`)
  await page.getByRole('button', { name: 'New schedule' }).click()
  const dialog = page.getByRole('dialog', { name: 'New schedule' })
  await dialog.getByLabel('Name').fill('Morning')
  await dialog.getByLabel('Device').selectOption(d.id)
  await dialog.getByLabel('Repeat').selectOption('weekdays')
  await dialog.getByLabel('At', { exact: true }).fill('07:30')
  await expect(dialog.getByText(/At 07:30, Monday through Friday/)).toBeVisible()
  await expect(dialog.getByRole('region', { name: 'The next ten runs' }).getByRole('listitem')).toHaveCount(10)
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Morning' })).toBeVisible()
  await accessible(page)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Delete Morning' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('No schedule yet')).toBeVisible()
})

test('a device and an integrator get credentials that are shown once', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/registry`)
  await page.getByRole('button', { name: 'New device' }).first().click()
  await page.getByRole('dialog').getByLabel('Name').fill('Test gate')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await page.getByRole('button', { name: 'Issue credential' }).click()
  await expect(page.getByText('Shown only this once.', { exact: false })).toBeVisible()
  await expect(page.getByText('Command key', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'I have saved it' }).click()
  await expect(page.getByText('Shown only this once.', { exact: false })).toBeHidden()
  await page.goto(`${gatehouse.url}/integrators`)
  await page.getByRole('button', { name: 'New integrator' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Parking app')
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
  await page.getByRole('button', { name: 'I have saved it' }).click()
  await expect(page.getByRole('cell', { name: 'Parking app', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'New secret Parking app' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click()
  await expect(page.getByText('Shown only this once.', { exact: false })).toBeVisible()
  await page.getByRole('button', { name: 'I have saved it' }).click()
  await page.goto(`${gatehouse.url}/audit`)
  await expect(page.getByText('Credential issued').first()).toBeVisible()
})

test.describe('without the server', () => {
  test.use({ allowed: [/./] })
  test('the page says that it is blind, and since when, and sees again by itself', async ({ page, gatehouse }) => {
    await enter(page, gatehouse)
    await gatehouse.stopServer()
    await expect(page.getByRole('alert').getByText(/blind since/)).toBeVisible()
    await expect(page.locator('[data-device]').first()).toContainText('as of')
    await gatehouse.restartServer()
    await expect(page.getByText(/blind since/)).toBeHidden({ timeout: 30_000 })
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
  })
})

test('a guard on foot opens a gate on a phone @phone', async ({ page, gatehouse }) => {
  const d = await gate(gatehouse)
  await page.goto(gatehouse.url)
  await enter(page, gatehouse)
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(await axe(page)).toEqual([])
  await tile(page, d.id).tap()
  const open = panel(page).getByRole('button', { name: /^Open/ })
  expect((await open.boundingBox())!.height).toBeGreaterThanOrEqual(44)
  await open.tap()
  await expect(panel(page).getByText(/^Open: Confirmed/)).toBeVisible()
  expect(await axe(page)).toEqual([])
  await panel(page).getByRole('button', { name: 'Close details' }).tap()
  await page.getByRole('button', { name: 'More' }).tap()
  await page.getByRole('link', { name: 'Ledger' }).tap()
  await expect(page.getByRole('heading', { name: 'Ledger' })).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(await axe(page)).toEqual([])
})

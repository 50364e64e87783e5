import { readFile } from 'node:fs/promises'
import { connectAsync } from 'mqtt'
import { accessible, axe, call, enter, expect, test } from './fixtures'

test('a device is mounted while the page waits for it, and its page tests it', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/registry`)
  await page.getByRole('link', { name: 'Mount a device' }).click()

  // An installer stands before it with a phone.
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('radio', { name: 'Gate' }).check()
  await page.getByLabel('Name', { exact: true }).fill('Boom 5')
  expect(await axe(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await page.getByRole('button', { name: 'Create and issue its credential' }).click()
  const secret = page.getByRole('dialog', { name: 'Credential of “Boom 5”' })
  const saving = page.waitForEvent('download')
  await secret.getByRole('button', { name: 'Save as a file' }).click()
  const card = await readFile(await (await saving).path(), 'utf8')
  await secret.getByRole('button', { name: 'I have saved it' }).click()

  const stage = (name: string) => page.locator(`[data-stage=${name}]`)
  await expect(page.getByRole('heading', { name: 'Mounting “Boom 5”' })).toBeVisible()
  await expect(stage('connected')).toContainText('It has not tried to connect yet.')
  await page.reload() // it can be left and come back to
  await expect(stage('connected')).toContainText('waiting…')

  const { id } = (JSON.parse(card) as { devices: { id: string }[] }).devices[0]!
  const wrong = { clientId: id, username: id, password: 'mistyped', reconnectPeriod: 0 }
  await expect(connectAsync(`mqtt://${gatehouse.mqtt}`, wrong)).rejects.toThrow()
  await expect(stage('connected')).toContainText('wrong password')
  await expect(stage('connected')).toContainText('enter the password again')
  expect(await axe(page)).toEqual([])

  const end = await gatehouse.mount(card)
  try {
    await expect(stage('able')).toContainText('done')
    await stage('confirmed').getByRole('button', { name: 'Open', exact: true }).click()
    await expect(page.getByText('It is here: registered, connected')).toBeVisible()

    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByRole('link', { name: 'Its page and test' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Boom 5' })).toBeVisible()
    await expect(page.locator('[data-check=online]')).toContainText('in order')
    await page.getByRole('button', { name: /^Listen for/ }).click()
    await expect(page.getByText('listening for another')).toBeVisible()
    await page.getByRole('button', { name: 'Ping' }).click()
    await expect(page.locator('[data-ping]')).toContainText('answered in')
    const messages = page.getByRole('list', { name: 'Messages and their steps' })
    await expect(messages.getByText(/command$/).first()).toBeVisible()
    await accessible(page)

    await page.getByRole('tab', { name: 'Orders' }).click()
    await page.getByLabel('Order', { exact: true }).selectOption({ label: 'Open' })
    await expect(page).toHaveURL(/action=open/)
    await expect(page.locator('.history details')).toHaveCount(1)
    await page.getByRole('tab', { name: 'Online' }).click()
    await expect(page.getByRole('img', { name: /^Online .*since/ })).toBeVisible()
    await page.getByRole('tab', { name: 'Timetables' }).click()
    await expect(page.getByText('No timetable and no timed command touches this device')).toBeVisible()
  } finally {
    await end()
  }
  // Nobody after this test finds a device that is off.
  await call(page, gatehouse, 'POST', `/devices/${id}/retire`, { reason: 'taken down after the test' })
})

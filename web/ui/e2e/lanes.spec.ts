import { accessible, axe, enter, expect, test } from './fixtures'

test('a guard opens a lane by its key, once, sees what the device says, writes a note and hands over what was taken', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  await page.goto(`${gatehouse.url}/booth`)
  await page.getByRole('button', { name: 'Choose lanes' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog
    .getByRole('list', { name: 'Lanes to choose from' })
    .getByRole('button', { name: gate.name })
    .first()
    .click()
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Show these lanes' }).click()
  await expect(page).toHaveURL(new RegExp(`lanes=${gate.id}`))
  await expect(dialog).toBeHidden()

  const shift = page.getByRole('region', { name: 'My shift' })
  await shift.getByRole('button', { name: 'Begin a shift at these lanes' }).click()
  await expect(shift.getByText('Nothing taken')).toBeVisible()

  const lane = page.getByRole('region', { name: gate.name })
  const asked = page.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/commands'))
  const orders: string[] = []
  page.on('request', (r) => r.method() === 'POST' && r.url().endsWith('/commands') && orders.push(r.url()))
  await page.keyboard.press('1')
  await page.keyboard.press('1')
  await asked
  await expect(lane.getByText(/^Open: Confirmed/)).toBeVisible()
  expect(orders).toHaveLength(1)
  await expect(shift.getByRole('definition').nth(2)).toHaveText('1')

  await gatehouse.sim(gate, 'car')
  await expect(lane.getByRole('button', { name: /picture/i })).toBeVisible({ timeout: 20_000 })
  await expect(shift.getByText('1 row', { exact: true })).toBeVisible({ timeout: 20_000 })
  await shift.getByLabel('Lane').selectOption(gate.name)
  await shift.getByLabel(/^Note/).pressSequentially('driver says 1 ticket was lost')
  await shift.getByRole('button', { name: 'Write down' }).click()
  await expect(shift.getByRole('listitem').getByText('driver says 1 ticket was lost')).toBeVisible()
  await expect(lane.getByText('driver says 1 ticket was lost')).toBeVisible()
  await lane.getByRole('button', { name: 'Intercom note' }).click()
  await dialog.getByLabel(/^Note/).pressSequentially('visitor for flat 1')
  await dialog.getByRole('button', { name: 'Write down' }).click()
  await expect(lane.getByText('visitor for flat 1')).toBeVisible()
  await expect(dialog).toBeHidden()
  expect(orders).toHaveLength(1)
  await accessible(page)

  await shift.getByRole('button', { name: 'Hand over' }).click()
  await dialog
    .getByLabel(/^Cash in the drawer/)
    .first()
    .fill('12.5')
  await dialog.getByLabel('Remark').fill('key in the drawer')
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Hand over' }).click()
  await expect(dialog).toBeHidden()
  await shift.getByRole('link', { name: 'Handed over: see this shift' }).click()
  await expect(page.getByRole('heading', { name: 'Shift of admin' })).toBeVisible()
  await expect(page.getByText('key in the drawer')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Counts' })).toContainText('12.50')
  await accessible(page)
  await page.getByRole('link', { name: 'All shifts' }).click()
  await expect(
    page.getByRole('table', { name: 'Shifts' }).getByRole('row').filter({ hasText: gate.name }),
  ).toContainText('Handed over')
  expect(await axe(page)).toEqual([])
})

import { accessible, enter, expect, test } from './fixtures'

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
  await expect(page.getByText(/Take picture · admin · test of the cameras/)).toBeVisible()
  await accessible(page)
})

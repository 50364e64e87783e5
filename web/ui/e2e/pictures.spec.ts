import { enter, expect, test } from './fixtures'

test('a car leaves a picture and one reading of its plate, which are found by a part of it', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')
  const drive = await gatehouse.sim(gate!, 'car')
  const part = drive.plate!.slice(-5)

  await page.goto(`${gatehouse.url}/pictures`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Pictures and plates')
  const card = page.locator(`[data-picture$="/${drive.event}"]`)
  await expect(card).toBeVisible({ timeout: 30_000 })
  const small = card.locator('img')
  await expect.poll(() => small.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(320)
  await card.getByRole('button').click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(drive.plate!.replace(' ', ''))
  await expect
    .poll(() => dialog.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth))
    .toBeGreaterThan(320)
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Plates' }).click()
  await page.getByLabel('Part of a plate').fill(part.toLowerCase())
  await page.getByLabel('Part of a plate').press('Enter')
  const row = page.getByRole('row').filter({ hasText: drive.plate! })
  await expect(row).toHaveCount(1, { timeout: 30_000 })
  await expect(row).toContainText('95%', { timeout: 30_000 })
  await expect(row).toContainText('3 readings')
  await expect(row).toContainText('granted', { timeout: 30_000 })
  await page.getByLabel('Part of a plate').fill('none such')
  await page.getByLabel('Part of a plate').press('Enter')
  await expect(page.getByText('No plate matches')).toBeVisible()
})

import { accessible, enter, expect, test } from './fixtures'

test('statistics say how devices did, and the panel when one was online', async ({ page, gatehouse }) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  await page.goto(`${gatehouse.url}/statistics`)
  const row = page.getByRole('row').filter({ hasText: gate.name })
  await expect(row).toContainText('%')
  await accessible(page)
  await page.getByLabel('Span').selectOption('month')
  await expect(page).toHaveURL(/span=month/)
  const file = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Save as CSV' }).click()
  expect((await file).suggestedFilename()).toMatch(/^statistics-.*\.csv$/)
  await row.getByRole('link', { name: gate.name }).click()
  const panel = page.getByRole('complementary', { name: 'Device details' })
  await expect(panel.getByText('Online in the last 7 days')).toBeVisible()
  await expect(panel.getByText(/– now/)).toBeVisible()
  await accessible(page)
})

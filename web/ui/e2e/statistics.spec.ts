import { accessible, axe, enter, expect, test } from './fixtures'

interface Series {
  days: { availability: { share: number | null } }[]
}

test('statistics say how devices did, and the panel when one was online', async ({ page, gatehouse }) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  const told = page.waitForResponse((r) => r.url().includes('/statistics/series'))
  await page.goto(`${gatehouse.url}/statistics`)
  const row = page.getByRole('row').filter({ hasText: gate.name })
  await expect(row).toContainText('%')
  const chart = page.getByRole('figure', { name: 'Online by day' })
  await expect(chart.locator('svg path').first()).toBeAttached() // it is drawn
  await chart.getByRole('slider').press('End')
  await expect(chart.getByRole('slider')).toHaveAttribute('aria-valuetext', /Online .*%/)
  await chart.getByRole('button', { name: /as table/ }).click()
  const { days } = (await (await told).json()) as Series
  const percent = Math.floor((days.at(-1)!.availability.share ?? 0) * 10_000 + 1e-9) / 100
  await expect(chart.getByRole('row')).toHaveCount(days.length + 1)
  await expect(chart.getByRole('row').last()).toContainText(`${percent}%`)
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
  await page.goto(`${gatehouse.url}/reports?period=week`)
  const alone = page.getByRole('figure', { name: 'Online by day' })
  await expect(alone.locator('svg path').first()).toBeAttached()
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden()
  await page.emulateMedia({ media: null })
  expect(await axe(page)).toEqual([])
})

import { accessible, axe, enter, expect, test } from './fixtures'

test('devices stand on a plan as they are now, are opened from it, and are placed by keys', async ({
  page,
  gatehouse,
}) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  await page.goto(`${gatehouse.url}/plans`)
  const plan = page.getByRole('group', { name: /^Plan / })
  const pin = plan.getByRole('link', { name: gate.name })
  await expect(pin).toContainText('Closed')
  await accessible(page)

  // The plan stays beside the panel, and shows what the device does; the focus comes back.
  await pin.click()
  const panel = page.getByRole('complementary', { name: 'Device details' })
  await panel.getByRole('button', { name: 'Open', exact: true }).click()
  await expect.poll(async () => (await gatehouse.device(gate.name)).physical).not.toBe('closed')
  await expect(pin).toContainText(/Opening|Open/)
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(pin).toBeFocused()

  await page.getByRole('button', { name: 'Place devices' }).click()
  const placed = plan.getByRole('button', { name: gate.name })
  const before = await placed.boundingBox()
  await placed.focus()
  await page.keyboard.press('Shift+ArrowDown')
  await expect.poll(async () => (await placed.boundingBox())!.y).toBeGreaterThan(before!.y)
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(pin).toBeVisible()

  await page.setViewportSize({ width: 390, height: 844 })
  await expect(pin).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(await axe(page)).toEqual([])
})

import { accessible, axe, call, enter, expect, test } from './fixtures'

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

  // It is looked at from near by, and as a whole again, by keys alone.
  await plan.focus()
  const far = (await plan.locator('img').boundingBox())!.width
  await page.keyboard.press('+')
  await expect.poll(async () => (await plan.locator('img').boundingBox())!.width).toBeGreaterThan(far * 1.3)
  await page.keyboard.press('0')
  await expect.poll(async () => (await plan.locator('img').boundingBox())!.width).toBeCloseTo(far, 0)

  await page.setViewportSize({ width: 390, height: 844 })
  await expect(pin).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(await axe(page)).toEqual([])
})

interface Plan {
  id: string
  name: string
  revision: number
  pins: { device: string; x: number; y: number }[]
}

test('a plan is made of a picture, and two who edit it at once lose nothing', async ({ page, gatehouse, allowed }) => {
  allowed.push(/status of (409|422)/)
  const [mine, theirs] = (await gatehouse.devices()).filter((d) => d.kind === 'gate')
  await enter(page, gatehouse)
  const { sites } = await call<{ sites: { id: string; name: string }[] }>(page, gatehouse, 'GET', '/live/snapshot')
  await page.goto(`${gatehouse.url}/plans`)
  await page.getByRole('button', { name: 'New plan' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Site').selectOption(sites[0]!.id)
  await dialog.getByLabel('Name').fill('Upper floor')
  await dialog
    .getByLabel('Picture')
    .setInputFiles({ name: 'floor.png', mimeType: 'image/png', buffer: Buffer.from('no') })
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  const buffer = await page.screenshot()
  await dialog.getByLabel('Picture').setInputFiles({ name: 'floor.png', mimeType: 'image/png', buffer })
  await dialog.getByRole('button', { name: 'Create' }).click()

  // It is open for its devices at once.
  const plan = page.getByRole('group', { name: 'Plan Upper floor' })
  await page.getByRole('button', { name: `Place ${mine!.name}` }).click()
  await expect(plan.getByRole('button', { name: mine!.name })).toBeVisible()
  const now = async () =>
    (await call<{ plans: Plan[] }>(page, gatehouse, 'GET', '/plans')).plans.find((p) => p.name === 'Upper floor')!
  const { id, revision: base, name } = await now()
  const pins = [{ device: theirs!.id, x: 0.2, y: 0.2 }]
  await call(page, gatehouse, 'PUT', `/plans/${id}`, { base, name, pins })

  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Somebody else changed this plan')).toBeVisible()
  await expect(plan.getByRole('button', { name: mine!.name })).toBeVisible()
  expect((await now()).pins.map((p) => p.device)).toEqual([theirs!.id])
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await expect(plan.getByRole('link', { name: mine!.name })).toBeVisible()
  const saved = await now()
  expect(saved.pins.map((p) => p.device)).toEqual([mine!.id])
  await call(page, gatehouse, 'DELETE', `/plans/${id}?base=${saved.revision}`)
})

import { accessible, call, enter, expect, test } from './fixtures'

test('a replay says who opened a gate and why, and shows how it stood then', async ({ page, gatehouse }) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  const { devices } = await call<{ devices: { id: string; name: string }[] }>(page, gatehouse, 'GET', '/live/snapshot')
  const { id } = devices.find((d) => d.name === gate.name)!
  const order = await page.request.post(`${gatehouse.url}/api/v1/devices/${id}/commands`, {
    data: { action: 'open', reason: 'the fire brigade' },
    headers: { 'Idempotency-Key': `replay-${Date.now()}` },
  })
  expect(order.ok()).toBe(true)
  const { id: ordered, issued } = (await order.json()) as { id: string; issued: string }
  await expect
    .poll(async () => (await call<{ step: string }>(page, gatehouse, 'GET', `/commands/${ordered}`)).step)
    .toBe('confirmed')
  // It was seen moving; a replay tells what was reported when it was asked for.
  await expect
    .poll(
      async () =>
        (await call<{ device: { physical: string } }>(page, gatehouse, 'GET', `/devices/${id}`)).device.physical,
    )
    .toBe('open')

  await page.goto(`${gatehouse.url}/replay?device=${id}&opens=1&at=${issued}&span=5m`)
  const list = page.getByRole('list', { name: 'What happened' })
  const opened = list.locator('> li').filter({ hasText: 'Open: Confirmed' }).filter({ hasText: 'the fire brigade' })
  await expect(opened).toContainText('by admin')
  await expect(list.locator('> li[data-kind="change"]')).toHaveCount(0) // only what opened
  await opened.getByRole('link', { name: 'Replay around this' }).click()

  // Everything: from before the order to the open gate, by keyboard.
  await expect(page).not.toHaveURL(/opens=1/)
  await expect(list.locator('> li[data-kind="change"]').first()).toBeVisible()
  const lane = page.getByRole('region', { name: 'At this moment' }).locator(`[data-device="${id}"]`)
  const slider = page.getByRole('slider', { name: 'Moment' })
  await expect(lane).toContainText('Closed')
  await expect(async () => {
    await slider.press('ArrowRight')
    await expect(lane.getByText('Open', { exact: true })).toBeVisible({ timeout: 300 })
  }).toPass()
  await expect(list.locator('> li[aria-current]')).toHaveCount(1)
  await expect(page).toHaveURL(/[?&]t=/)
  await expect(page.getByText('it goes on by itself')).toBeVisible()
  await page.evaluate(() => scrollTo(0, 0)) // nothing stands half under the bar
  await accessible(page)
})

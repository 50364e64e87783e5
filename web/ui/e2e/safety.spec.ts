import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { accessible, enter, expect, test } from './fixtures'

/** Fills the dialog that asks for a reason and for the name of the place. */
async function sure(page: Page, word: string, submit: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('exercise')
  await dialog.getByLabel('Type').fill('something else')
  await dialog.getByRole('button', { name: submit }).click()
  await expect(dialog.getByText('What was typed is not the name')).toBeVisible()
  await dialog.getByLabel('Type').fill(word)
  await dialog.getByRole('button', { name: submit }).click()
  await expect(dialog).toBeHidden()
}

test('holds, lockdown and fire release move the device, say why, and fall back one by one', async ({
  page,
  gatehouse,
  allowed,
}) => {
  allowed.push(/status of 409/)
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  const physical = async () => (await gatehouse.device(gate.name)).physical
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)

  await page.goto(`${gatehouse.url}/devices/${gate.id}`)
  const rules = page.getByRole('group', { name: 'Which layer rules' })
  await expect(rules.getByText('Nothing is held or locked down')).toBeVisible()
  await rules.getByRole('button', { name: 'Hold open' }).click()
  const hold = page.getByRole('dialog')
  await hold.getByLabel('Reason').fill('delivery')
  await hold.getByRole('button', { name: 'Hold open' }).click()
  await expect(rules.getByText(/^Rules: Hold: Held open, set by admin .* · delivery$/)).toBeVisible()
  await expect(rules.getByRole('heading')).toHaveText('Held open')
  await expect.poll(physical).toBe('open')

  await page.getByRole('tab', { name: 'Technical' }).click()
  const wiring = page.getByRole('form', { name: 'Fire' })
  await wiring.getByLabel('Fire group').fill('North')
  await wiring.getByRole('button', { name: 'Save' }).click()

  await page.goto(`${gatehouse.url}/safety`)
  const site = page.locator('[data-place]').first()
  const name = (await site.locator('strong').textContent())!
  await site.getByRole('button', { name: 'Lock down' }).click()
  await sure(page, name, 'Lock down')
  await expect(site.getByText(/Lockdown: Locked down, set by admin .* · exercise/)).toBeVisible()
  await expect.poll(physical).toBe('closed')
  await expect(page.locator('[data-lockdown]').locator(`[data-door="${gate.id} "]`)).toHaveAttribute(
    'data-state',
    'proven',
  )

  await page.goto(`${gatehouse.url}/devices/${gate.id}`)
  await expect(rules.getByText(/^Rules: Lockdown/)).toBeVisible()
  await expect(rules.getByText(/^Under it: Hold: Held open/)).toBeVisible()
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(page.getByRole('status').getByText(/Lockdown: Locked down, set by admin/)).toBeVisible()
  await accessible(page)

  await page.goto(`${gatehouse.url}/safety`)
  await page.locator('[data-group="North"]').getByRole('button', { name: 'Release now' }).click()
  await sure(page, 'North', 'Release now')
  const fire = page.locator('[data-fire="North"]')
  await expect(fire.getByText('1 of 1 openings proven to be open')).toBeVisible()
  await expect(page.locator('[data-tone="alarm"]')).toHaveText('Fire release: 1 · Lockdown: 1')
  await expect.poll(physical).toBe('open')
  await accessible(page)

  // The wall does not say that all is well, and leads to the page.
  await page.goto(gatehouse.url)
  const attention = page.getByRole('region', { name: 'Needs attention' })
  await expect(attention.getByRole('link', { name: /^North Fire: Fire release, set by admin/ })).toBeVisible()
  await expect(attention.getByRole('link', { name: /Lockdown: Locked down, set by admin/ })).toBeVisible()
  await attention.getByRole('link', { name: /^North/ }).click()
  await fire.getByRole('button', { name: 'End the release' }).click()
  await sure(page, 'North', 'End the release')
  await expect(fire.getByText(/ended .* by admin/)).toBeVisible()
  const download = page.waitForEvent('download')
  await fire.getByRole('button', { name: 'Save the proof as CSV' }).click()
  expect(readFileSync(await (await download).path(), 'utf8')).toMatch(/"North".*"exercise".*"Open: it says so itself"/)
  await expect.poll(physical).toBe('closed')
  await site.getByRole('button', { name: 'End the lockdown' }).click()
  // Instead of typing: one of the usual reasons, and the button held.
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'The exercise is over' }).click()
  await dialog.getByRole('button', { name: 'End the lockdown' }).click({ delay: 2_200 })
  await expect(dialog).toBeHidden()
  await expect.poll(physical).toBe('open')
  await page.goto(`${gatehouse.url}/devices/${gate.id}`)
  await rules.getByRole('button', { name: 'Release the hold' }).click()
  await expect(rules.getByText('Nothing is held or locked down')).toBeVisible()
  await expect.poll(physical).toBe('closed')
})

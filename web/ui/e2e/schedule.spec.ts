import { enter, expect, test } from './fixtures'

test('a timed command runs at its minute, and the page shows its result by itself', async ({ page, gatehouse }) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  await page.goto(`${gatehouse.url}/schedules`)
  await page.getByRole('button', { name: 'New schedule' }).click()
  const dialog = page.getByRole('dialog', { name: 'New schedule' })
  await dialog.getByLabel('Name').fill('Each minute')
  await dialog.getByLabel('Device').selectOption(gate.id)
  await dialog.getByLabel('Repeat').selectOption('expert')
  await dialog.getByLabel('Cron expression').fill('* * * * *')
  await expect(dialog.getByText('Every minute')).toBeVisible()
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog).toBeHidden()
  await page.getByRole('button', { name: 'History' }).click()
  await expect(page.getByText('Confirmed').first()).toBeVisible({ timeout: 75_000 })
  // The simulator saw it: the gate moved because of a command.
  expect((await gatehouse.device(gate.name)).lastCommand).toBeTruthy()
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
})

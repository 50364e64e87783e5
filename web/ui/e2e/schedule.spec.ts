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
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
})

test('a manager makes a schedule without cron, sees what it would do, runs it now and leaves the next time out', async ({
  page,
  gatehouse,
}) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  await page.goto(`${gatehouse.url}/schedules`)
  await page.getByRole('button', { name: 'New schedule' }).click()
  const dialog = page.getByRole('dialog', { name: 'New schedule' })
  await dialog.getByLabel('Name').fill('Evenings')
  await dialog.getByLabel('Device').selectOption(gate.id)
  await dialog.getByLabel('Repeat').selectOption('workdays')
  await dialog.getByLabel('At', { exact: true }).fill('21:45')
  const preview = dialog.getByRole('region', { name: 'The next ten runs' })
  await expect(preview.getByText('only on: Workday')).toBeVisible()
  await expect(preview.getByRole('listitem')).toHaveCount(10)
  await expect(dialog.getByRole('region', { name: 'If it ran now' }).getByText('would be sent')).toBeVisible()
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog).toBeHidden()

  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Evenings' }) })
  await card.getByRole('button', { name: 'Run now' }).click()
  const now = page.getByRole('dialog', { name: 'Run “Evenings” now' })
  await expect(now.getByText('would be sent')).toBeVisible()
  await now.getByRole('button', { name: 'Run now' }).click()
  await expect(now).toBeHidden()
  await expect.poll(async () => (await gatehouse.device(gate.name)).lastCommand).toBeTruthy()

  await card.getByRole('button', { name: 'Skip the next' }).click()
  await expect(card.getByText(/21:45 is left out/)).toBeVisible()
  await card.getByRole('button', { name: 'Do not skip' }).click()
  await expect(card.getByText(/is left out/)).toBeHidden()

  await card.getByRole('button', { name: 'Pause' }).click()
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  await page.getByLabel(/^Until/).fill(`${tomorrow}T12:00`)
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await expect(card.getByText(/Paused until/)).toBeVisible()
  await card.getByRole('button', { name: 'Resume' }).click()
  await expect(card.getByText(/Paused until/)).toBeHidden()

  await page.getByRole('link', { name: 'History of all' }).click()
  await expect(page.getByRole('heading', { name: 'What schedules did' })).toBeVisible()
  await page.getByLabel('Timed command', { exact: true }).selectOption('Evenings')
  await expect(page.getByText('Confirmed').first()).toBeVisible()
  await page.getByText('Confirmed').first().click()
  await expect(page.getByRole('link', { name: 'Steps' })).toBeVisible()
})

import { accessible, enter, expect, test } from './fixtures'

test('an alarm is counted, acknowledged and gone; one that stands stays; a device is muted; events are listed', async ({
  page,
  gatehouse,
  allowed,
}) => {
  allowed.push(/status of 409/)
  await enter(page, gatehouse)
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  const counter = page.getByRole('link', { name: /alarms? that nobody has seen/ }).first()

  await gatehouse.sim(gate, 'trouble?type=tailgating')
  await expect(counter).toBeVisible()
  await gatehouse.sim(gate, 'trouble?type=tailgating')
  await expect(page.locator(`[data-device="${gate.id}"]`)).toContainText('Tailgating')
  await counter.click()
  const list = page.getByRole('table', { name: 'Alarms' })
  const row = list.getByRole('row').filter({ hasText: 'Tailgating' })
  await expect(row).toContainText('× 2')
  await expect(row).toContainText('Over, not seen')
  await row.getByRole('button', { name: /^Acknowledge/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Comment').fill('seen on the screen')
  await dialog.getByRole('button', { name: 'Acknowledge' }).click()
  await expect(dialog).toBeHidden()
  await page.mouse.move(1, 1) // under a pointer a row stays where it is
  await expect(row).toBeHidden()

  await gatehouse.sim(gate, 'trouble?type=fault')
  const fault = list.getByRole('row').filter({ hasText: 'Fault: E7' })
  await expect(fault).toContainText('Raised')
  await fault.getByRole('link', { name: 'Fault: E7' }).click()
  await expect(page.getByRole('heading', { name: 'Fault: E7' })).toBeVisible()
  await page.getByRole('button', { name: /^I see to it/ }).click()
  await page.getByRole('button', { name: /^Resolve/ }).click()
  await dialog.getByLabel('What was done').fill('nothing yet')
  await dialog.getByRole('button', { name: 'Resolve' }).click()
  await expect(dialog.getByRole('alert')).toBeVisible() // its cause stands
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: /^Mute/ }).click()
  await dialog.getByLabel('Why').fill('the motor is being changed')
  await dialog.getByRole('button', { name: 'Mute' }).click()
  await expect(dialog).toBeHidden()
  const history = page.getByRole('region', { name: 'History' })
  await expect(history.getByText('Muted')).toBeVisible()
  await expect(history.getByText('Assigned')).toBeVisible()
  await accessible(page)

  await page.goto(`${gatehouse.url}/alarms`)
  const mutes = page.getByRole('region', { name: 'Muted devices' })
  await expect(mutes).toContainText('the motor is being changed')
  await accessible(page)
  await mutes.getByRole('button', { name: /^End the mute/ }).click()
  await expect(mutes).toBeHidden()
  await gatehouse.sim(gate, 'mend')
  await expect(fault).toContainText('Over, not seen')
  await page.getByLabel('State').selectOption('Resolved')
  await expect(list.getByRole('row').filter({ hasText: 'Tailgating' })).toContainText('admin')

  await page.goto(`${gatehouse.url}/events`)
  await page.getByLabel('What').selectOption('Tailgating')
  await expect(page.getByRole('table', { name: 'Events' }).getByRole('row')).toHaveCount(3)
  await accessible(page)
})

import { accessible, axe, call, enter, expect, test } from './fixtures'

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

test('a critical alarm stands at the foot of every page until a person acknowledges it; one page of the browser sounds', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const gate = (await gatehouse.devices()).filter((d) => d.kind === 'gate').at(-1)!
  await page.getByRole('button', { name: /^Sound is off/ }).click()
  await expect(page.getByRole('button', { name: /^Sound is on/ })).toBeVisible()
  const second = await page.context().newPage()
  await second.goto(gatehouse.url)
  await expect(second.getByRole('button', { name: /^Another page sounds/ })).toBeVisible()
  await second.close()

  const banner = page.getByRole('region', { name: 'Critical alarm' })
  await gatehouse.sim(gate, 'trouble?type=forced_open')
  await expect(banner).toContainText('Forced open')
  await expect(page).toHaveTitle(/^\(\d+\) /)
  await accessible(page)
  await page.getByRole('button', { name: /^Sound is on/ }).click()
  await expect(page.getByRole('button', { name: /^Muted/ })).toContainText(/1[45]:\d\d/)
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await axe(page)).toEqual([])
  await banner.getByRole('button', { name: 'Acknowledge' }).click()
  await expect(banner).toBeHidden()
  const said = await call<{ alarms: { acknowledgedBy: { name: string } | null }[] }>(
    page,
    gatehouse,
    'GET',
    `/alarms?device=${gate.id}&type=forced_open`,
  )
  expect(said.alarms[0]!.acknowledgedBy?.name).toBe('admin')
})

import { axe, call, enter, expect, test } from './fixtures'

test('a day of a site is corrected, restored and imported, and a year that is not published says so', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const { sites } = await call<{ sites: { id: string; name: string }[] }>(page, gatehouse, 'GET', '/live/snapshot')
  const site = sites[0]!
  await page.goto(`${gatehouse.url}/calendar?site=${site.id}&year=2026`)
  await expect(page.getByText('〔2025〕7号')).toBeVisible()
  const day = (name: string) => page.getByRole('button', { name })
  const dialog = page.getByRole('dialog')

  // Published: a Saturday that is worked. The manager says that it is a rest day here.
  await day('Sat, 9 May 2026: Workday').click()
  await expect(dialog.getByText('Published by the State Council · Counts')).toBeVisible()
  await dialog.getByRole('radio', { name: 'Rest day' }).check()
  await dialog.getByLabel('Name').fill('Garden day')
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await day('Sat, 9 May 2026: Rest day · Garden day').click()
  await expect(dialog.getByText('Said for this site · Counts')).toBeVisible()
  await dialog.getByRole('button', { name: 'Restore' }).click()
  await expect(day('Sat, 9 May 2026: Workday')).toBeVisible()

  // The keys walk through the days.
  await day('Sat, 9 May 2026').focus()
  await page.keyboard.press('ArrowDown')
  await expect(day('Sat, 16 May 2026')).toBeFocused()

  await page.getByRole('button', { name: 'Import days' }).click()
  const choose = (text: string) =>
    dialog
      .getByLabel('File')
      .setInputFiles({ name: 'days.csv', mimeType: 'text/csv', buffer: Buffer.from(`day,kind,name\n${text}`) })
  await choose('2026-05-16,off,Fair\n')
  await dialog.getByRole('button', { name: 'Check' }).click()
  await expect(dialog.getByText('Nothing was imported: 1 error.')).toBeVisible()
  await choose('2026-05-16,workday,Fair\n')
  await dialog.getByRole('button', { name: 'Check' }).click()
  await expect(dialog.getByText('1 new days, 0 changed')).toBeVisible()
  await dialog.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(day('Sat, 16 May 2026: Workday · Fair')).toBeVisible()
  expect(await axe(page)).toEqual([])

  await page.getByRole('button', { name: 'Year after' }).click()
  await expect(page.getByText('The holidays of 2027 are not published yet.')).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await axe(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
})

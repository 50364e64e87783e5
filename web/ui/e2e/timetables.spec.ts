import type { Page } from '@playwright/test'
import { accessible, axe, enter, expect, setLanguage, test } from './fixtures'

/** Finds nothing wrong in either language; leaves the page in English. */
async function bothLanguages(page: Page): Promise<void> {
  for (const language of ['zh-CN', 'en'] as const) {
    await setLanguage(page, language)
    expect(await axe(page), `${page.url()} ${language}`).toEqual([])
  }
}

test('a timetable is made in one step, holds a gate open at once, and releases it when it is paused', async ({
  page,
  gatehouse,
}) => {
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate')!
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)
  await page.goto(`${gatehouse.url}/timetables`)
  await expect(page.getByText('No timetable yet')).toBeVisible()
  await page.getByRole('link', { name: 'New timetable' }).click()

  // Always, so that its period is on now whenever this runs.
  await page.getByLabel('Name', { exact: true }).fill('Always open')
  await page.getByLabel('Find an opening').fill(gate.name)
  await page.getByRole('checkbox', { name: gate.name, exact: true }).check()
  const quick = page.getByRole('group', { name: 'Quick start' })
  await quick.getByLabel('From', { exact: true }).fill('00:00')
  await quick.getByLabel('To', { exact: true }).fill('24:00')
  await quick.getByLabel('On').selectOption('Every day')
  await quick.getByRole('button', { name: 'Make the week' }).click()
  await expect(page.getByText(/^As soon as you save, it will be Held open until/)).toBeVisible()
  await expect(page.getByRole('list', { name: 'The next ten' }).getByRole('listitem')).toHaveCount(10)

  // A period that ends before it begins is told at its field, and loses nothing.
  const period = page.getByRole('group', { name: 'Mon, period 1' })
  await period.getByLabel('To', { exact: true }).fill('00:00')
  await expect(period.getByText(/^Must be after the beginning/)).toBeVisible()
  await period.getByLabel('To', { exact: true }).fill('24:00')
  await expect(page.getByText(/^As soon as you save/)).toBeVisible()
  await accessible(page)

  await page.getByRole('button', { name: 'Dry run' }).click()
  const dry = page.getByRole('dialog', { name: 'Dry run' })
  await expect(dry.getByRole('row', { name: new RegExp(gate.name) })).toContainText('Timetable: Always open (this one)')
  expect(await axe(page)).toEqual([])
  await dry.getByRole('button', { name: 'Close', exact: true }).click()
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(await axe(page)).toEqual([])
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'Save' }).click()

  // The gate itself says that it is held open, and the wall by whom.
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Always open' }) })
  await expect(card.getByText(/^Held open until/)).toBeVisible()
  await page.goto(`${gatehouse.url}/devices/${gate.id}`)
  const rules = page.getByRole('group', { name: 'Which layer rules' })
  await expect(rules.getByRole('heading', { name: 'Held open' })).toBeVisible()
  await expect(rules.getByText(/^Rules: Timetable: Held open, set by Always open/)).toBeVisible()

  await page.goto(`${gatehouse.url}/timetables`)
  await card.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
  await expect(card.getByText('Paused until somebody resumes it')).toBeVisible()
  await expect(card.getByText('Holds nothing')).toBeVisible()
  await bothLanguages(page)
  await page.goto(`${gatehouse.url}/devices/${gate.id}`)
  await expect(rules.getByRole('heading', { name: 'Controlled' })).toBeVisible()

  await page.goto(`${gatehouse.url}/timetables?tab=history`)
  const runs = page.getByRole('table', { name: 'History' })
  await expect(runs.getByRole('row').filter({ hasText: 'Made or changed' })).toContainText('Held open until')
  await expect(runs.getByRole('row').filter({ hasText: 'Paused' })).toContainText('Holds nothing from then on')
  await runs.getByRole('row').filter({ hasText: 'Made or changed' }).getByRole('button').click()
  await expect(page.getByRole('table', { name: 'Openings' })).toContainText(gate.name)
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Close', exact: true }).click()

  await page.getByRole('tab', { name: 'What was and what comes' }).click()
  await expect(page.getByRole('link', { name: 'History: Always open' }).first()).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await axe(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
})

test('periods are drawn, moved and copied on the week grid', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/timetables/new`)
  const grid = page.locator('[data-week]')
  await grid.scrollIntoViewIfNeeded()
  const drag = async (column: string, from: number, to: number) => {
    const day = grid.locator(`[data-column="${column}"]`)
    await day.scrollIntoViewIfNeeded()
    const box = (await day.boundingBox())!
    const at = (hour: number) => box.y + (box.height * hour) / 24
    await page.mouse.move(box.x + box.width / 2, at(from))
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2, at((from + to) / 2))
    await page.mouse.move(box.x + box.width / 2, at(to))
    await page.mouse.up()
  }
  const period = (name: string) => page.getByRole('group', { name, exact: true })
  const times = async (name: string, from: string, to: string) => {
    await expect(period(name).getByLabel('From', { exact: true })).toHaveValue(from)
    await expect(period(name).getByLabel('To', { exact: true })).toHaveValue(to)
  }
  await drag('tuesday', 8, 10)
  await times('Tue, period 1', '08:00', '10:00')
  await drag('tuesday', 9, 11) // taken in its middle, it moves
  await times('Tue, period 1', '10:00', '12:00')
  await drag('tuesday', 6, 14) // a new one stops where the next one is
  await times('Tue, period 2', '06:00', '10:00')
  await page.getByRole('group', { name: 'Copy Tue' }).getByRole('button', { name: 'To rest days' }).click()
  await page.getByRole('button', { name: /^Sun/ }).click()
  await times('Sun, period 1', '10:00', '12:00')
  await period('Sun, period 2').getByRole('button', { name: 'Delete' }).click()
  await expect(grid.locator('[data-column="sunday"] [data-key]')).toHaveCount(1)
  // A click brings whoever clicks to the times of the period.
  await grid.locator('[data-column="tuesday"] [data-key]').first().click()
  await expect(period('Tue, period 1').getByLabel('From', { exact: true })).toBeFocused()
})

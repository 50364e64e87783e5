import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { enter, expect, setLanguage, test } from './fixtures'

// The pictures of the README: the demo property, driven a little, as it is.
const folder = fileURLToPath(new URL('../../../docs/images', import.meta.url))

async function shoot(page: Page, name: string, scheme: 'light' | 'dark' = 'light'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' })
}

/** The week of a timetable, drawn: workdays in the morning and the evening, and closed at night. */
async function shootTimetable(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: '生成一周' }).click()
  await expect(page.locator('[data-week] [data-key]')).toHaveCount(6)
  for (const [n, from, to, mode] of [
    [2, '17:00', '19:00', 'held_open'],
    [3, '22:00', '24:00', 'held_closed'],
    [4, '00:00', '05:30', 'held_closed'],
  ] as const) {
    await page.getByRole('button', { name: '添加时段' }).click()
    const period = page.getByRole('group', { name: `周一，第 ${n} 个时段` })
    await period.getByLabel('开始', { exact: true }).fill(from)
    await period.getByLabel('结束', { exact: true }).fill(to)
    await period.getByLabel('模式').selectOption(mode)
  }
  await page.getByRole('button', { name: '到所有工作日' }).click()
  await expect(page.locator('[data-week] [data-key]')).toHaveCount(24)
  await page.locator('[data-week]').evaluate((week) => week.scrollIntoView({ block: 'center' }))
  await shoot(page, 'timetable-zh')
}

test('pictures', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  const atRest = async () => {
    const all = (await gatehouse.devices()).filter((d) => d.kind === 'gate')
    return all.every((d) => d.connected && d.physical === 'closed')
  }
  await expect.poll(atRest, { timeout: 30_000 }).toBe(true)
  const gates = (await gatehouse.devices()).filter((d) => d.kind === 'gate')
  await page.goto(`${gatehouse.url}/ledger`)
  const rows = page.getByRole('table').getByRole('row')
  let cars = 0
  for (const count of [4, 3]) {
    await Promise.all(gates.slice(0, count).map((d) => gatehouse.sim(d, 'car')))
    cars += count
    await expect(rows).toHaveCount(cars + 1, { timeout: 60_000 })
    await expect.poll(atRest, { timeout: 30_000 }).toBe(true)
  }
  await gatehouse.sim(gates.at(-1)!, 'cut')

  await shoot(page, 'ledger-en')
  await page.goto(`${gatehouse.url}/devices/${gates[0]!.id}?tab=events`)
  await page.getByRole('button', { name: /^Open/ }).click()
  await expect(page.getByText(/^Open: Confirmed/)).toBeVisible({ timeout: 30_000 })
  await shoot(page, 'device-en', 'dark')

  await page.goto(gatehouse.url)
  await expect(page.getByRole('region', { name: 'Needs attention' })).toBeVisible()
  await shoot(page, 'wall-en')
  await setLanguage(page, 'zh-CN')
  await shoot(page, 'wall-zh')
  await shoot(page, 'wall-zh-dark', 'dark')

  await gatehouse.sim(gates[1]!, 'trouble?type=forced_open')
  await page.goto(`${gatehouse.url}/alarms`)
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(3, { timeout: 30_000 })
  await shoot(page, 'alarms-zh')
  await page.goto(gatehouse.url)

  await page.goto(`${gatehouse.url}/plans`)
  await expect(page.locator('[data-device]').first()).toBeVisible()
  await shoot(page, 'plan-zh')
  await page.goto(
    `${gatehouse.url}/booth?lanes=${gates
      .map((d) => d.id)
      .slice(0, 4)
      .join()}`,
  )
  await expect(page.locator('[data-phase]').first()).toBeVisible()
  await shoot(page, 'booth-zh', 'dark')
  await shootTimetable(page, `${gatehouse.url}/timetables/new`)
  await page.goto(gatehouse.url)
  await page.setViewportSize({ width: 390, height: 844 })
  await shoot(page, 'phone-zh')
})

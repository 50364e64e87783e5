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

test('pictures', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  const gates = (await gatehouse.devices()).filter((d) => d.kind === 'gate')
  const rows = async (n: number) => {
    await page.goto(`${gatehouse.url}/ledger`)
    await expect(page.getByRole('table').getByRole('row')).toHaveCount(n + 1, { timeout: 60_000 })
  }
  await Promise.all(gates.slice(0, 4).map((d) => gatehouse.sim(d, 'car')))
  await rows(4)
  await Promise.all(gates.slice(0, 3).map((d) => gatehouse.sim(d, 'car')))
  await rows(7)
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

  await page.setViewportSize({ width: 390, height: 844 })
  await shoot(page, 'phone-zh')
})

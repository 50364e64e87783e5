import type { Page } from '@playwright/test'
import { axe, call, enter, expect, test } from './fixtures'
import { Gatehouse } from './server'

// So many devices would be in the way of all other tests of the worker's server.
const gatehouse = new Gatehouse()
test.beforeAll(() => gatehouse.start())
test.afterAll(() => gatehouse.stop())

const tile = (page: Page, id: string) => page.locator(`[data-device="${id}"]`)

/** A site with so many gates that were never connected, in zones of a hundred; gives its id and theirs. */
async function tower(page: Page, name: string, count: number) {
  const site = await call<{ id: string }>(page, gatehouse, 'POST', '/sites', { name, timeZone: 'Asia/Shanghai' })
  const rows = Array.from({ length: count }, (_, i) => `${name},${name} ${Math.floor(i / 100)},gate,Gate ${i + 1}`)
  const answer = await page.request.post(`${gatehouse.url}/api/v1/devices/import`, {
    headers: { 'content-type': 'text/csv' },
    data: ['site,zone,kind,name', ...rows].join('\n'),
  })
  const { ids } = (await answer.json()) as { ids: string[] }
  expect(ids.length).toBe(count)
  return { site: site.id, ids }
}

test('a wall of many draws what is near, and loses neither tile nor focus', async ({ page }, info) => {
  await enter(page, gatehouse)
  const { site, ids } = await tower(page, `Tower ${info.repeatEachIndex}`, 300)
  const last = ids.at(-1)!
  await page.goto(`${gatehouse.url}/?site=${site}&size=normal`)
  const all = page.getByRole('group', { name: 'Filter by state' }).getByRole('button', { name: /All/ })
  await expect(all).toContainText('300')
  await expect(tile(page, ids[0]!)).toBeVisible()
  await expect(tile(page, last)).toHaveCount(0)

  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    await expect(tile(page, last)).toBeInViewport({ timeout: 500 })
  }).toPass()
  await expect(tile(page, ids[0]!)).toHaveCount(0)

  // The panel is opened by keyboard; from far away the focus comes back to the tile.
  await tile(page, last).focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/devices/${last}`))
  await page.evaluate(() => scrollTo(0, 0))
  await expect(tile(page, ids[0]!)).toBeInViewport()
  await page.keyboard.press('Escape')
  await expect(tile(page, last)).toBeFocused()
  await expect(tile(page, last)).toBeInViewport()
  await page.keyboard.press('ArrowLeft')
  await expect(tile(page, ids.at(-2)!)).toBeFocused()

  // What is not drawn is found by its name.
  await page.keyboard.press('/')
  await page.keyboard.type('gate 15')
  await expect(page.locator('[data-device]')).toHaveCount(11)
  await page.getByRole('button', { name: 'Dense' }).click()
  await expect(page).toHaveURL(/size=dense/)
  expect(await axe(page)).toEqual([])
})

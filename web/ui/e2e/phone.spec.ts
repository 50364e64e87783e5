import type { Page } from '@playwright/test'
import { axe, enter, expect, test } from './fixtures'

/** What a finger may miss: what can be pressed, is seen, and is smaller than 44 px one way. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const pressed = 'a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=option]'
    const found: string[] = []
    for (const el of document.querySelectorAll<HTMLElement>(pressed)) {
      if (!el.closest('main, nav, .bar, [role=dialog]') || !el.checkVisibility({ visibilityProperty: true })) continue
      // A box to tick is pressed by its words as well.
      const target = el.matches('input[type=checkbox], input[type=radio]') ? (el.closest('label') ?? el) : el
      const { width, height } = target.getBoundingClientRect()
      if (width > 1 && Math.min(width, height) < 43.5)
        found.push(`${Math.round(width)} × ${Math.round(height)} px: ${target.outerHTML.slice(0, 200)}`)
    }
    return found
  })
}

/** Nothing wider than the screen, nothing that a finger misses, nothing that axe finds. */
async function fits(page: Page): Promise<void> {
  const where = page.url()
  expect(await page.evaluate(() => document.documentElement.scrollWidth), `width of ${where}`).toBeLessThanOrEqual(390)
  expect(await smallTargets(page), `small on ${where}`).toEqual([])
  expect(await axe(page), where).toEqual([])
}

test('a guard on foot has the panel, the booth, the page of a device and the alarms in one hand @phone', async ({
  page,
  gatehouse,
}) => {
  const gate = (await gatehouse.devices()).filter((d) => d.kind === 'gate')[1]!
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await enter(page, gatehouse)
  await expect.poll(async () => (await gatehouse.device(gate.name)).connected).toBe(true)

  await test.step('the panel beside the wall, and the page of the device, open a gate and say so', async () => {
    await page.locator(`[data-device="${gate.id}"]`).first().tap()
    const panel = page.getByRole('complementary', { name: 'Device details' })
    await panel.getByRole('button', { name: /^Open/ }).tap()
    await expect(panel.getByText(/^Open: Confirmed/)).toBeVisible()
    await fits(page)
    await panel.getByRole('link', { name: 'Open as a page' }).tap()
    await expect(page.getByRole('heading', { level: 1, name: gate.name })).toBeVisible()
    await page.getByRole('button', { name: 'Close', exact: true }).tap()
    await expect(page.getByText(/^Close: Confirmed/)).toBeVisible()
    await page.getByRole('tab', { name: 'Events' }).tap()
    await expect(page.getByRole('link', { name: 'All events of this device' })).toBeVisible()
    await fits(page)
  })

  await test.step('the booth has its lanes, the shift and the button that opens', async () => {
    await page.getByRole('link', { name: 'Booth' }).tap()
    await page.getByRole('button', { name: 'Choose lanes' }).first().tap()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: gate.name }).first().tap()
    await fits(page)
    await dialog.getByRole('button', { name: 'Show these lanes' }).tap()
    const lane = page.getByRole('region', { name: gate.name })
    await lane.getByRole('button', { name: /^Open/ }).tap()
    await expect(lane.getByText(/^Open: Confirmed/)).toBeVisible()
    await expect(dialog).toBeHidden()
    await fits(page)
  })

  await test.step('a plan is drawn nearer with two fingers', async () => {
    await page.goto(`${gatehouse.url}/plans`)
    const plan = page.getByRole('group', { name: /^Plan / })
    const picture = plan.locator('img')
    const width = async () => (await picture.boundingBox())!.width
    await expect(plan.getByRole('link', { name: gate.name })).toBeVisible()
    const far = await width()
    const { x, y, width: w, height: h } = (await plan.boundingBox())!
    const fingers = (apart: number) =>
      [-1, 1].map((side, id) => ({ id, x: x + w / 2 + (side * apart) / 2, y: y + h / 2 + 60 }))
    const touch = await page.context().newCDPSession(page)
    const event = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: { x: number; y: number }[]) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints })
    await event('touchStart', fingers(60))
    await event('touchMove', fingers(90))
    await event('touchMove', fingers(120))
    await event('touchEnd', [])
    await expect.poll(width).toBeGreaterThan(far * 1.5)
    // A browser takes a finger that comes at once for the end of the pinch.
    await expect(async () => {
      await page.getByRole('button', { name: 'Show all of it' }).tap()
      expect(await width()).toBeCloseTo(far, 0)
    }).toPass()
    await fits(page)
  })

  await test.step('an alarm is acknowledged, in Chinese', async () => {
    await page.getByRole('button', { name: 'More' }).tap()
    await page.getByRole('button', { name: '简体中文' }).tap()
    await gatehouse.sim(gate, 'trouble?type=tailgating')
    await page.getByRole('link', { name: '报警', exact: true }).tap()
    const alarm = page.getByRole('row').filter({ hasText: gate.name }).filter({ hasText: '尾随' })
    await expect(alarm).toBeVisible()
    await page.getByRole('button', { name: '筛选' }).tap()
    await expect(page.getByLabel('状态')).toBeVisible()
    await fits(page)
    await alarm.getByRole('link', { name: /尾随/ }).tap()
    await page.getByRole('button', { name: /^确认/ }).tap()
    const dialog = page.getByRole('dialog')
    await fits(page)
    await dialog.getByRole('button', { name: /^确认/ }).tap()
    await expect(dialog).toBeHidden()
    await expect(page.getByRole('region', { name: '处理记录' }).getByText('已确认')).toBeVisible()
    await fits(page)
    await page.getByRole('button', { name: '更多' }).tap()
    await page.getByRole('button', { name: 'English' }).tap()
  })
})

test('an administrator on foot has a backup made and sees its end @phone', async ({ page, gatehouse }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/system`)
  await page.getByRole('tab', { name: 'Backups' }).tap()
  await page.getByRole('button', { name: 'Back up now' }).tap()
  await expect(page.getByText(/The backup was made, and is whole/)).toBeVisible()
  await expect(
    page
      .getByRole('table', { name: 'Backups' })
      .getByText(/^gatehouse-.*\.tar\.gz$/)
      .first(),
  ).toBeVisible()
  await fits(page)
})

import { accessible, enter, expect, test } from './fixtures'
import { Gatehouse } from './server'

test.use({ ignoreHTTPSErrors: true, permissions: ['clipboard-read', 'clipboard-write'] })

test('the certificate that the server made itself stands with its fingerprint, to compare and to copy', async ({
  page,
}) => {
  const gatehouse = new Gatehouse()
  await gatehouse.startSelfSigned()
  try {
    expect(gatehouse.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(gatehouse.url).toMatch(/^https:/)
    await enter(page, gatehouse) // the page is live: MQTT comes by the same certificate
    await page.goto(`${gatehouse.url}/broker`)
    await page.getByRole('tab', { name: 'Certificates' }).click()
    const rows = page.getByRole('table', { name: 'Certificates' }).getByRole('row')
    await expect(rows).toHaveCount(3)
    for (const [n, name] of ['Console', 'MQTT over TLS'].entries()) {
      await expect(rows.nth(n + 1)).toContainText(name)
      await expect(rows.nth(n + 1)).toContainText(gatehouse.fingerprint)
      await expect(rows.nth(n + 1)).toContainText('localhost')
      await expect(rows.nth(n + 1)).toContainText('itself')
    }
    await rows.nth(1).getByRole('button', { name: /Copy/ }).click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(gatehouse.fingerprint)
    await accessible(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await expect(rows.filter({ hasText: gatehouse.fingerprint })).toHaveCount(2)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  } finally {
    await page.goto('about:blank')
    await gatehouse.stop()
  }
})

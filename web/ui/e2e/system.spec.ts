import { readFileSync } from 'node:fs'
import { accessible, call, enter, expect, test } from './fixtures'

test('the system page says how the server is, and shows its settings and its log to an administrator', async ({
  page,
  gatehouse,
}, info) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/system`)
  const parts = page.getByRole('list', { name: 'Parts of the server' })
  await expect(parts.locator('[data-part]')).toHaveCount(8)
  await expect(parts.locator('[data-part="database"]')).toHaveAttribute('data-state', /ok|warn/)
  await expect(page.getByRole('region', { name: 'Storage' }).getByText(/kept for 30 days/)).toBeVisible()
  await accessible(page)

  await page.getByRole('tab', { name: 'Settings' }).click()
  await page.getByLabel('Find').fill('mqtt.listen')
  await page.getByLabel('Find').press('Enter')
  await expect(page.getByRole('row')).toHaveCount(2)

  await page.getByRole('tab', { name: 'Log' }).click()
  // Lines of requests are shown when they are wanted, and come by themselves.
  await page.getByLabel('HTTP requests').selectOption('Shown')
  await call(page, gatehouse, 'GET', `/ledger?device=look-${info.project.name}`)
  await page.getByLabel('Find').fill('/api/v1/ledger')
  await page.getByLabel('Find').press('Enter')
  await expect(page.locator('[data-level="INFO"]').filter({ hasText: '/api/v1/ledger' }).first()).toBeVisible()
  const saved = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Save as a file' }).click()
  expect(readFileSync(await (await saved).path(), 'utf8')).toMatch(/INFO "http" .*path=\/api\/v1\/ledger/)

  // The same selection of the ledger is a table of sums and a file.
  await page.goto(`${gatehouse.url}/ledger?view=takings&by=for`)
  await expect(page.getByLabel('Add up by')).toHaveValue('for')
  const table = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as CSV', exact: true }).click()
  expect(readFileSync(await (await table).path(), 'utf8')).toMatch(/^\ufeffday,site,device/)
})

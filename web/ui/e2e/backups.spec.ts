import { readFileSync } from 'node:fs'
import { accessible, call, enter, expect, setLanguage, test } from './fixtures'
import { Gatehouse } from './server'

interface Backups {
  backups: { name: string; bytes: number }[]
}

test('an administrator has a backup made by one press, sees its end, and finds it in the list and in the trail', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const stored = async () => (await call<Backups>(page, gatehouse, 'GET', '/system/backups')).backups
  const before = (await stored())[0]?.name

  await page.goto(`${gatehouse.url}/system`)
  await page.getByRole('tab', { name: 'Backups' }).click()
  const policy = page.getByRole('region', { name: 'How they are made' })
  await expect(policy.getByText('Daily at 03:00')).toBeVisible()
  await page.getByRole('button', { name: 'Back up now' }).click()
  await expect(page.getByText(/The backup was made, and is whole: /)).toBeVisible()
  const newest = (await stored())[0]!
  expect(newest.name).not.toBe(before)
  const row = page.getByRole('table', { name: 'Backups' }).getByRole('row').nth(1)
  await expect(row).toContainText(newest.name)
  // One that is not encrypted stays where it is, and the page says why.
  await expect(row).toContainText("Only on the server's machine")
  await expect(row.getByRole('link')).toHaveCount(0)
  await expect(page.getByRole('note').filter({ hasText: 'backup.passphrase' })).toBeVisible()
  await expect(page.getByRole('note').filter({ hasText: 'backup.dir' })).toBeVisible()
  await accessible(page)

  await setLanguage(page, 'zh-CN')
  await page.getByRole('button', { name: '立即备份' }).click()
  await expect(page.getByText(/备份已完成，校验无误：/)).toBeVisible()
  const again = (await stored())[0]!
  expect(again.name).not.toBe(newest.name)
  await expect(page.getByRole('table', { name: '备份' }).getByRole('row').nth(1)).toContainText(again.name)

  await setLanguage(page, 'en')
  await page.goto(`${gatehouse.url}/audit?object=backup:${again.name}`)
  const told = page.getByRole('row').filter({ hasText: 'Backup made' })
  await expect(told).toHaveCount(1)
  await expect(told.getByRole('button', { name: again.name, exact: true })).toBeVisible()
})

test('an encrypted backup is taken away as a file, and the trail says who took it', async ({ page }) => {
  const gatehouse = new Gatehouse()
  await gatehouse.startAlone('backup: {at: "", passphrase: "copper orchard kettle"}\n')
  try {
    await enter(page, gatehouse)
    await page.goto(`${gatehouse.url}/system?tab=backups`)
    await expect(page.getByText('No backup yet')).toBeVisible()
    await expect(page.getByText('None is made by itself: make one now, or set backup.at.')).toBeVisible()
    await accessible(page)
    await page.getByRole('button', { name: 'Back up now' }).click()
    await expect(page.getByText(/The backup was made, and is whole: /)).toBeVisible()
    await expect(page.getByRole('note').filter({ hasText: 'backup.passphrase' })).toHaveCount(0)
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: /^Download gatehouse-/ }).click()
    const file = await saved
    expect(file.suggestedFilename()).toMatch(/^gatehouse-\d{8}-\d{6}Z\.tar\.gz\.age$/)
    expect(readFileSync(await file.path(), 'latin1')).toMatch(/^age-encryption\.org\/v1\n/)
    await accessible(page)

    await page.goto(`${gatehouse.url}/audit?verb=backup.`)
    await expect(page.getByRole('row').filter({ hasText: 'Backup taken away' })).toContainText(file.suggestedFilename())
  } finally {
    await page.goto('about:blank')
    await gatehouse.stop()
  }
})

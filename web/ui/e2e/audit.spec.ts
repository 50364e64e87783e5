import { readFileSync } from 'node:fs'
import { addGuard, axe, enter, expect, test } from './fixtures'

test('the audit trail is searched, read row by row, verified, and taken away', async ({ page, gatehouse }, info) => {
  const name = `wu-${info.project.name}-${info.repeatEachIndex}`
  await enter(page, gatehouse)
  await addGuard(page, gatehouse, name)

  await page.goto(`${gatehouse.url}/audit`)
  await expect(page.getByText(/the trail is what was written, as verified on/)).toBeVisible()
  const rows = page.getByRole('row').filter({ has: page.locator('time') })

  await page.getByLabel('Search').fill(name)
  await page.getByLabel('Search').press('Enter')
  await expect(page).toHaveURL(new RegExp(`text=${name}`))
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText('Account created')
  await expect(rows.getByRole('button', { name, exact: true })).toBeVisible() // the account by its name
  await rows.getByText('Show', { exact: true }).click()
  await expect(rows.getByRole('row').filter({ hasText: 'name' })).toContainText(name)

  // From the trail to the account, from the account to what its owner did, and back.
  await rows.getByRole('link', { name: `Page of ${name}` }).click()
  await expect(page).toHaveURL(/people\?person=/)
  const accounts = page.getByRole('table', { name: 'People' }).getByRole('row')
  await expect(accounts).toHaveCount(2)
  await expect(accounts.last()).toContainText(name)
  expect(await axe(page)).toEqual([])
  await page.getByRole('link', { name: `Audit trail of ${name}` }).click()
  await expect(page).toHaveURL(/audit\?actor=/)
  await page.goBack()
  await page.goBack()
  await expect(rows).toHaveCount(1)
  expect(await axe(page)).toEqual([])

  await page.getByLabel('Kind of act').selectOption('fire.')
  await expect(page.getByText('Nothing is like that')).toBeVisible()
  await page.getByLabel('Kind of act').selectOption('operator.')
  await expect(rows).toHaveCount(1)

  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as CSV' }).click()
  const file = readFileSync(await (await saved).path(), 'utf8')
  expect(file.split('\r\n')[0]).toContain('row,time,actor_kind')
  expect(file).toContain(name)

  const signed = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download signed head' }).click()
  const head = JSON.parse(readFileSync(await (await signed).path(), 'utf8')) as { row: number; signature: string }
  expect(head.row).toBeGreaterThan(1)
  expect(head.signature).not.toBe('')
})

test('a refused sign-in stands in the audit trail with the account, the address and why', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  const typed = 'not the password of anybody'
  const answer = await page.request.post(`${gatehouse.url}/api/v1/session`, {
    data: { name: 'nobody of this name', password: typed },
  })
  expect(answer.status()).toBe(401)
  await expect(async () => {
    await page.goto(`${gatehouse.url}/audit?verb=session.&outcome=refused`)
    const row = page.getByRole('row').filter({ hasText: 'Unknown account' }).first()
    await expect(row).toContainText('Sign-in', { timeout: 1000 })
    await expect(row).toContainText('User name or password is wrong.', { timeout: 1000 })
    await expect(row).toContainText('127.0.0.1', { timeout: 1000 })
  }).toPass({ timeout: 20_000 })
  await expect(page.getByText(typed)).toHaveCount(0)
  await expect(page.getByText('nobody of this name')).toHaveCount(0)
})

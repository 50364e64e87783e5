import { enter, expect, test } from './fixtures'

test('a program gets a token, may what it says, and is refused once it is revoked', async ({
  page,
  gatehouse,
  playwright,
}, info) => {
  const name = `screens-${info.project.name}-${info.repeatEachIndex}`
  const dialog = (title: string) => page.getByRole('dialog', { name: title })
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/tokens`)
  await page.getByRole('button', { name: 'New token' }).click()
  const form = dialog('New token')
  await form.getByLabel('Which program is it for?').fill(name)
  await expect(form.getByLabel('See devices, events and pictures')).toBeChecked()
  await form.getByLabel('See the audit trail').check()
  await form.getByLabel('Only some').check()
  await form.getByRole('group', { name: 'Sites' }).getByRole('checkbox').first().check()
  await expect(form.getByLabel('See the audit trail')).toHaveCount(0)
  await form.getByLabel('30 days').check()
  await form.getByRole('button', { name: 'Create' }).click()
  const shown = dialog(`Token of ${name}`)
  const secret = await shown.getByText(/^gth_[0-9A-Za-z]{49}$/).innerText()
  await shown.getByRole('button', { name: 'I have saved it' }).click()

  const program = await playwright.request.newContext({ extraHTTPHeaders: { Authorization: `Bearer ${secret}` } })
  const status = async (path: string) => (await program.get(`${gatehouse.url}/api/v1${path}`)).status()
  expect(await status('/live/snapshot')).toBe(200)
  expect(await status('/ledger')).toBe(403)
  expect(await status('/people')).toBe(403)
  await page.reload()
  const row = page
    .getByRole('row')
    .filter({ hasText: name })
    .or(page.getByRole('listitem').filter({ hasText: name }))
  await expect(row.getByText('127.0.0.1')).toBeVisible()
  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await dialog(`Revoke the token of ${name}?`).getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('button', { name: `Revoke ${name}` })).toHaveCount(0)
  expect(await status('/live/snapshot')).toBe(401)
  await program.dispose()
})

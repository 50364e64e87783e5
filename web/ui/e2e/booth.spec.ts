import { addGuard, call, enter, expect, test } from './fixtures'

test('guards share a browser: each signs in by name and PIN, and a booth that ends takes none', async ({
  page,
  gatehouse,
  browser,
}, info) => {
  const suffix = `${info.project.name}-${info.repeatEachIndex}`
  const name = `hu-${suffix}`
  const dialog = (title: string) => page.getByRole('dialog', { name: title })
  await enter(page, gatehouse)
  const first = await addGuard(page, gatehouse, name)

  const own = await browser.newContext({ locale: 'en-GB' })
  const theirs = await own.newPage()
  const password = 'seven slow barges turn'
  await call(own, gatehouse, 'POST', '/session', { name, password: first })
  await call(own, gatehouse, 'PUT', '/session/password', { oldPassword: first, password })
  await theirs.goto(`${gatehouse.url}/me`)
  await theirs.getByRole('button', { name: 'Set a PIN' }).click()
  await theirs.getByLabel('PIN', { exact: true }).fill('271938')
  await theirs.getByRole('button', { name: 'Save' }).click()
  await expect(theirs.getByText('You can sign in at a booth with your PIN.')).toBeVisible()
  await own.close()

  const hut = await browser.newContext({ locale: 'en-GB' })
  const shared = await hut.newPage()
  await enter(shared, gatehouse)
  await shared.goto(`${gatehouse.url}/booths`)
  await shared.getByRole('button', { name: 'Make this browser a booth' }).click()
  await shared.getByLabel('Where does it stand?').fill(`Booth ${suffix}`)
  await shared.getByRole('button', { name: 'Make it a booth' }).click()
  await expect(shared.getByRole('heading', { name: `Booth ${suffix}` })).toBeVisible()
  await shared.getByRole('button', { name }).click()
  await shared.getByLabel('PIN', { exact: true }).fill('271938')
  await expect(shared.getByText('Live', { exact: true })).toBeVisible()
  await expect(shared.getByRole('link', { name })).toBeVisible()
  await shared.getByRole('button', { name: 'Sign out' }).click()
  await expect(shared.getByRole('button', { name })).toBeVisible()

  await page.goto(`${gatehouse.url}/booths`)
  await page.getByRole('button', { name: `End Booth ${suffix}` }).click()
  await dialog(`End the booth Booth ${suffix}?`).getByRole('button', { name: 'End' }).click()
  await expect(page.getByRole('button', { name: `End Booth ${suffix}` })).toHaveCount(0)
  await shared.reload()
  await expect(shared.getByLabel('User name')).toBeVisible()
  await hut.close()
})

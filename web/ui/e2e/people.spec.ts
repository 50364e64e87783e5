import { enter, expect, test } from './fixtures'

test('a person gets an account, chooses a password of their own, and is shut out at once', async ({
  page,
  gatehouse,
  browser,
}, info) => {
  const name = `chen-${info.project.name}-${info.repeatEachIndex}`
  const dialog = (title: string) => page.getByRole('dialog', { name: title })
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/people`)
  await expect(page.getByText('your own account')).toBeVisible()
  await page.getByRole('button', { name: 'New person' }).click()
  await dialog('New person').getByLabel('User name').fill(name)
  await dialog('New person')
    .getByRole('radio', { name: /^Guard/ })
    .check()
  await dialog('New person').getByRole('button', { name: 'Create' }).click()
  const secret = dialog(`First password of ${name}`)
  const first = await secret.getByText(/^[a-z2-7]{4}(-[a-z2-7]{4}){4}$/).innerText()
  await secret.getByRole('button', { name: 'I have saved it' }).click()

  const other = await browser.newContext({ locale: 'en-GB' })
  const theirs = await other.newPage()
  await theirs.goto(`${gatehouse.url}/ledger`)
  await theirs.getByLabel('User name').fill(name)
  await theirs.getByLabel('Password', { exact: true }).fill(first)
  await theirs.getByRole('button', { name: 'Sign in' }).click()
  await expect(theirs.getByRole('heading', { name: 'Choose a password of your own' })).toBeVisible()
  await theirs.goto(`${gatehouse.url}/`)
  await expect(theirs.getByRole('heading', { name: 'Choose a password of your own' })).toBeVisible()
  const chosen = 'seven slow barges turn'
  await theirs.getByLabel('Present password').fill(first)
  await theirs.getByLabel('New password').fill(chosen)
  await theirs.getByLabel('Password again').fill(chosen)
  await theirs.getByRole('button', { name: 'Change password' }).click()
  await expect(theirs).toHaveURL(`${gatehouse.url}/`)
  await expect(theirs.getByText('Live', { exact: true })).toBeVisible()
  await theirs.goto(`${gatehouse.url}/people`)
  await expect(theirs.getByText('You do not have the right to see this page.')).toBeVisible()
  await theirs.goto(`${gatehouse.url}/me`)
  await expect(theirs.getByText('this browser')).toBeVisible()

  const row = page.getByRole('row').filter({ hasText: name })
  await row.getByRole('button', { name: 'Sessions' }).click()
  await expect(dialog(`Where ${name} is signed in`).getByRole('row')).toHaveCount(2)
  await page.keyboard.press('Escape')
  await row.getByRole('button', { name: 'Shut' }).click()
  await dialog(`Shut the account of ${name}?`).getByRole('button', { name: 'Shut' }).click()
  await expect(row.getByText('shut', { exact: true })).toBeVisible()
  await theirs.goto(`${gatehouse.url}/`)
  await expect(theirs.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await other.close()
})

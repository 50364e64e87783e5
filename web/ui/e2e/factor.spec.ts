import { createHmac } from 'node:crypto'
import { enter, expect, test } from './fixtures'

/** The code that a telephone shows: RFC 6238 with its usual values. */
function totp(secret: string, at = Date.now()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const sum = createHmac('sha1', key).update(step).digest()
  return String((sum.readUInt32BE(sum[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

test('a role that needs a second factor lets nobody in without one, and a code that stands in works once', async ({
  page,
  gatehouse,
  browser,
}) => {
  const dialog = (title: string) => page.getByRole('dialog', { name: title })
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/people`)
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await dialog('Who needs a second factor').getByRole('checkbox', { name: 'Auditor' }).check()
  await dialog('Who needs a second factor').getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Second factor needed: Auditor')).toBeVisible()
  await page.getByRole('button', { name: 'New person' }).click()
  await dialog('New person').getByLabel('User name').fill('song')
  await dialog('New person')
    .getByRole('radio', { name: /^Auditor/ })
    .check()
  await dialog('New person').getByRole('button', { name: 'Create' }).click()
  const secret = dialog('First password of song')
  const first = await secret.getByText(/^[a-z2-7]{4}(-[a-z2-7]{4}){4}$/).innerText()
  await secret.getByRole('button', { name: 'I have saved it' }).click()

  const other = await browser.newContext({ locale: 'en-GB' })
  const theirs = await other.newPage()
  const signIn = async (password: string) => {
    await theirs.goto(gatehouse.url)
    await theirs.getByLabel('User name').fill('song')
    await theirs.getByLabel('Password', { exact: true }).fill(password)
    await theirs.getByRole('button', { name: 'Sign in' }).click()
  }
  await signIn(first)
  const chosen = 'seven slow barges turn'
  await theirs.getByLabel('Present password').fill(first)
  await theirs.getByLabel('New password').fill(chosen)
  await theirs.getByLabel('Password again').fill(chosen)
  await theirs.getByRole('button', { name: 'Change password' }).click()
  await expect(theirs.getByRole('heading', { name: 'Set up a second factor' })).toBeVisible()
  await theirs.goto(`${gatehouse.url}/ledger`)
  await expect(theirs.getByRole('img', { name: 'QR code of the second factor' })).toBeVisible()
  await theirs.getByText('Type it instead').click()
  const shown = (await theirs.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{1,4})+$/).innerText()).replaceAll(' ', '')
  await theirs.getByLabel('Code', { exact: true }).fill('000000')
  await theirs.getByRole('button', { name: 'Take into use' }).click()
  await expect(theirs.getByRole('alert')).toBeVisible()
  await theirs.getByLabel('Code', { exact: true }).fill(totp(shown))
  await theirs.getByRole('button', { name: 'Take into use' }).click()
  const standIn = await theirs
    .getByText(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/)
    .first()
    .innerText()
  await theirs.getByRole('button', { name: 'I have saved it' }).click()
  await expect(theirs.getByText('Live', { exact: true })).toBeVisible()

  await theirs.getByRole('button', { name: 'Sign out' }).click()
  const withCode = async (code: string) => {
    await theirs.getByLabel('Code', { exact: true }).fill(code)
    await theirs.getByRole('button', { name: 'Sign in' }).click()
  }
  await signIn(chosen)
  await withCode('000000')
  await expect(theirs.getByRole('alert')).toBeVisible()
  await withCode(standIn)
  await expect(theirs.getByText('Live', { exact: true })).toBeVisible()
  await theirs.getByRole('button', { name: 'Sign out' }).click()
  await signIn(chosen)
  await withCode(standIn)
  await expect(theirs.getByRole('alert')).toBeVisible()
  await other.close()

  await page.getByRole('row').filter({ hasText: 'song' }).getByRole('button', { name: 'Sessions' }).click()
  await expect(dialog('Where song is signed in').getByText('Not signed in anywhere')).toBeVisible()
})

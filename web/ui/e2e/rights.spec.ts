import { call, enter, expect, test } from './fixtures'

test('somebody with an own role sees one site and may what the role says; a site that is taken away is gone within a second', async ({
  page,
  gatehouse,
  browser,
}, info) => {
  const suffix = `${info.project.name}-${info.repeatEachIndex}`
  const [role, name] = [`Porter ${suffix}`, `ma-${suffix}`]
  const dialog = (title: string) => page.getByRole('dialog', { name: title })
  await enter(page, gatehouse)
  const seen = await call<Seen>(page, gatehouse, 'GET', '/live/snapshot')
  const [theirSite, otherSite] = seen.sites as [Site, Site]
  const gateOf = (site: Site) => at(site).find((d) => d.kind === 'gate')!
  const at = (site: Site) => seen.devices.filter((d) => d.site === site.id)

  await page.goto(`${gatehouse.url}/people`)
  await page.getByRole('button', { name: 'New role' }).click()
  await dialog('New role').getByLabel('Name').fill(role)
  await dialog('New role').getByLabel('See the ledger').check()
  await dialog('New role').getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: role })).toContainText(
    'See devices, events and pictures; See the ledger',
  )

  await page.getByRole('button', { name: 'New person' }).click()
  const form = dialog('New person')
  await form.getByLabel('User name').fill(name)
  await form.getByRole('radio', { name: role }).check()
  await form.getByLabel('Only these sites and zones').check()
  await expect(form.getByText('Choose at least one site or zone.')).toBeVisible()
  await form.getByLabel(theirSite.name).check()
  await form.getByRole('button', { name: 'Add hours' }).click()
  await form.getByLabel('From').fill('00:00')
  await form.getByLabel('to', { exact: true }).fill('24:00')
  await form.getByRole('button', { name: 'Create' }).click()
  const secret = dialog(`First password of ${name}`)
  const first = await secret.getByText(/^[a-z2-7]{4}(-[a-z2-7]{4}){4}$/).innerText()
  await secret.getByRole('button', { name: 'I have saved it' }).click()
  const row = page.getByRole('row').filter({ hasText: name })
  await expect(row).toContainText(`${theirSite.name} · Mon, Tue, Wed, Thu, Fri, Sat, Sun 00:00–24:00`)

  const own = await browser.newContext({ locale: 'en-GB' })
  const password = 'seven slow barges turn'
  await call(own, gatehouse, 'POST', '/session', { name, password: first })
  await call(own, gatehouse, 'PUT', '/session/password', { oldPassword: first, password })
  const theirs = await own.newPage()
  await theirs.goto(gatehouse.url)
  await expect(theirs.getByText('Live', { exact: true })).toBeVisible()
  const tiles = theirs.locator('[data-device]')
  await expect(tiles).toHaveCount(at(theirSite).length)
  for (const d of at(otherSite)) await expect(theirs.getByText(d.name)).toHaveCount(0)
  // What they may not is not offered, neither in the navigation nor at a device.
  const menu = theirs.getByRole('navigation').first()
  await expect(menu.getByRole('link', { name: 'Ledger' })).toBeVisible()
  for (const page of ['People', 'Broker', 'Audit', 'Devices']) {
    await expect(menu.getByRole('link', { name: page, exact: true })).toHaveCount(0)
  }
  await theirs.locator(`[data-device="${gateOf(theirSite).id}"]`).click()
  const panel = theirs.getByRole('complementary', { name: 'Device details' })
  const orders = panel.locator('[data-phase]')
  await expect(panel.getByRole('heading', { name: gateOf(theirSite).name })).toBeVisible()
  await expect(panel.getByRole('group', { name: 'Which layer rules' })).toBeVisible()
  await expect(orders).toHaveCount(0)
  await theirs.goto(`${gatehouse.url}/devices/${at(otherSite)[0]!.id}`)
  await expect(theirs.getByText(at(otherSite)[0]!.name)).toHaveCount(0)

  // The other site instead, and one right less: their page follows by itself.
  await theirs.goto(gatehouse.url)
  await expect(tiles).toHaveCount(at(theirSite).length)
  await theirs.evaluate(() => Object.assign(window, { sameDocument: true }))
  await row.getByRole('button', { name: 'Change rights' }).click()
  const change = dialog(`Rights of ${name}`)
  await change.getByLabel(theirSite.name).uncheck()
  await change.getByLabel(otherSite.name).check()
  await change.getByRole('radio', { name: /^Guard/ }).check()
  await change.getByRole('button', { name: 'Save' }).click()
  await expect(change).toBeHidden()
  const asked = Date.now()
  for (const d of at(theirSite)) await expect(theirs.locator(`[data-device="${d.id}"]`)).toHaveCount(0)
  info.annotations.push({
    type: 'measured',
    description: `a site that was taken away was gone ${Date.now() - asked} ms after the form`,
  })
  await expect(tiles).toHaveCount(at(otherSite).length)
  await expect(menu.getByRole('link', { name: 'Ledger' })).toHaveCount(0)
  // A guard may open: the same page offers it now.
  await theirs.locator(`[data-device="${gateOf(otherSite).id}"]`).click()
  await expect(orders.first()).toBeVisible()
  expect(await theirs.evaluate(() => 'sameDocument' in window)).toBe(true)
  await own.close()
})

interface Site {
  id: string
  name: string
}
interface Seen {
  sites: Site[]
  devices: { id: string; name: string; site: string; kind: string }[]
}

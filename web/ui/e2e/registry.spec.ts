import { enter, expect, test } from './fixtures'

test('a device is renamed, replaced and retired, and its history stays', async ({ page, gatehouse }) => {
  const dialog = (name: string) => page.getByRole('dialog', { name })
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/registry`)
  await page.getByRole('button', { name: 'New device' }).first().click()
  await dialog('New device').getByLabel('Name').fill('Old boom')
  await dialog('New device').getByRole('button', { name: 'Create' }).click()
  await dialog('Credential of “Old boom”').getByRole('button', { name: /Close/ }).click()
  await page.getByRole('button', { name: 'Edit Old boom' }).click()
  await dialog('Edit · Old boom').getByLabel('Name').fill('Boom 7')
  await dialog('Edit · Old boom').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Replace Boom 7' }).click()
  await dialog('Replace · Boom 7').getByLabel('Why').fill('struck by a lorry')
  await dialog('Replace · Boom 7').getByRole('button', { name: 'Replace' }).click()
  await expect(dialog('Credential of “Boom 7”').getByRole('button', { name: 'Issue credential' })).toBeVisible()
  await dialog('Credential of “Boom 7”').getByRole('button', { name: /Close/ }).click()
  const retired = page.getByRole('table', { name: 'Retired devices' })
  await expect(retired.getByRole('row')).toHaveCount(2)
  await page.getByRole('button', { name: 'Retire Boom 7' }).click()
  await dialog('Retire · Boom 7').getByLabel('Why').fill('torn down')
  await dialog('Retire · Boom 7').getByRole('button', { name: 'Retire' }).click()
  await expect(retired.getByRole('row')).toHaveCount(3)
  await expect(page.getByRole('button', { name: 'Retire Boom 7' })).toBeHidden()
  await retired.getByRole('button', { name: 'Show Boom 7' }).first().click()
  await expect(dialog('Boom 7')).toBeVisible()
})

test('a list of devices is looked through, told what is wrong, and registered as a whole', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/registry`)
  const site = await page.getByRole('heading', { level: 2 }).first().innerText()
  await page.getByRole('button', { name: 'Import devices' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import devices' })
  const give = async (rows: string) => {
    const buffer = Buffer.from(`site,zone,kind,name\n${rows}`)
    await dialog
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'devices.csv', mimeType: 'text/csv', buffer })
    await dialog.getByRole('button', { name: 'Check' }).click()
  }
  await give(`${site},Yard,gate,Yard in\nNowhere,Yard,door,\n`)
  await expect(dialog.getByRole('table').getByRole('row')).toHaveCount(4)
  await give(`${site},Yard,gate,Yard in\n${site},Yard,camera,Yard eye\n`)
  await expect(dialog.getByText('2 devices will be registered')).toBeVisible()
  await dialog.getByRole('button', { name: 'Register' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('button', { name: 'Edit Yard eye' })).toBeVisible()
})

import { enter, expect, test } from './fixtures'
import { workbook } from './workbook'

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

test('a workbook is looked through, every wrong field of three rows is named, and the mended one is registered', async ({
  page,
  gatehouse,
}) => {
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/registry`)
  const site = await page.getByRole('heading', { level: 2 }).first().innerText()
  await page.getByRole('button', { name: 'Import devices' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import devices' })
  const head = ['小区/园区', '区域', '类型', '名称', '形式', '脉冲时长(毫秒)']
  const give = async (rows: string[][]) => {
    await dialog.getByLabel('File', { exact: true }).setInputFiles({
      name: 'devices.xlsx',
      mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      buffer: workbook([head, ...rows]),
    })
    await dialog.getByRole('button', { name: 'Check' }).click()
  }
  await give([
    ['Nowhere', 'Depot', '道闸', 'Depot in', '道闸', '500'],
    [site, 'Depot', 'drawbridge', 'Depot out', '', ''],
    [site, 'Depot', '道闸', 'Depot back', '吊桥', '99'],
  ])
  const wrong = dialog.getByRole('table')
  await expect(wrong.getByRole('row')).toHaveCount(5)
  await expect(wrong.getByRole('row').nth(4)).toContainText('Pulse')
  await expect(wrong.getByRole('row').nth(4)).toContainText('100')
  await give([[site, 'Depot', '道闸', 'Depot in', '道闸', '500']])
  await dialog.getByRole('button', { name: 'Register' }).click()
  await expect(dialog).toBeHidden()
  await page.getByRole('link', { name: 'Configure Depot in' }).click()
  const settings = page.getByRole('table', { name: 'Configuration' })
  await expect(settings.getByLabel('Pulse')).toHaveValue('500')
  await settings.getByLabel('Pulse').fill('700')
  await page.getByRole('button', { name: 'Tell the device' }).click()
  await expect(page.getByText('wanted: revision 2')).toBeVisible()
})

test('a device takes its configuration, reports it, and its changes are kept', async ({ page, gatehouse }) => {
  await enter(page, gatehouse)
  const gate = (await gatehouse.devices()).find((d) => d.kind === 'gate' && d.connected)!
  await page.goto(`${gatehouse.url}/devices/${gate.id}?tab=config`)
  const settings = page.getByRole('table', { name: 'Configuration' })
  await settings.getByLabel('Pulse').fill('800')
  await page.getByRole('button', { name: 'Tell the device' }).click()
  await expect(settings.getByRole('row', { name: /Pulse/ })).toContainText('800 ms')
  await expect(page.getByText('As wanted')).toBeVisible()
  await page.getByRole('tab', { name: 'State history' }).click()
  const changes = page.getByRole('table', { name: 'State history' })
  await page.getByLabel('What', { exact: true }).selectOption('settings')
  await expect(changes.getByRole('row', { name: /Setting Pulse/ }).first()).toContainText('800')
})

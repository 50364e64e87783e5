import { readFile } from 'node:fs/promises'
import { connectAsync } from 'mqtt'
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
  const boom = retired.getByRole('row').filter({ hasText: 'Boom 7' })
  await expect(boom).toHaveCount(1)
  await page.getByRole('button', { name: 'Retire Boom 7' }).click()
  await dialog('Retire · Boom 7').getByLabel('Why').fill('torn down')
  await dialog('Retire · Boom 7').getByRole('button', { name: 'Retire' }).click()
  await expect(boom).toHaveCount(2)
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
  await page.getByRole('button', { name: 'Issue their credentials' }).click()
  const many = page.getByRole('dialog', { name: 'Credentials of many' })
  await many.getByLabel('Yard eye').uncheck()
  await many.getByLabel('Yard eye').check()
  await many.getByRole('button', { name: 'Issue 2 credentials' }).click()
  const saving = page.waitForEvent('download')
  await many.getByRole('button', { name: 'Save the table (CSV)' }).click()
  const table = await readFile(await (await saving).path(), 'utf8')
  const lines = table.trim().split('\r\n')
  expect(lines).toHaveLength(3)
  expect(lines.map((l) => l.split(',')[3])).toEqual(['name', 'Yard eye', 'Yard in'])
  for (const line of lines.slice(1)) expect(line.split(',')[7]).toMatch(/^[\w-]{43}$/)
  await many.getByRole('button', { name: 'I have saved it' }).click()
  await expect(many).toBeHidden()
})

test('a credential is shown once, as text, picture and file', async ({ page, gatehouse }) => {
  const dialog = (name: string) => page.getByRole('dialog', { name })
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/registry`)
  await page.getByRole('button', { name: 'New device' }).first().click()
  await dialog('New device').getByLabel('Name').fill('Boom 9')
  await dialog('New device').getByRole('button', { name: 'Create' }).click()
  await dialog('Credential of “Boom 9”').getByRole('button', { name: 'Issue credential' }).click()
  const secret = dialog('Credential of “Boom 9”').last()
  await secret.getByText('As a QR code').click()
  await expect(secret.getByRole('img', { name: 'As a QR code' })).toBeVisible()
  const saving = page.waitForEvent('download')
  await secret.getByRole('button', { name: 'Save as a file' }).click()
  const saved = JSON.parse(await readFile(await (await saving).path(), 'utf8')) as {
    mqtt: string
    devices: { name: string; password: string; commandKey: string }[]
  }
  expect(saved.mqtt).toBe(`tcp://${gatehouse.mqtt}`)
  expect(saved.devices[0]).toMatchObject({ name: 'Boom 9' })
  expect(saved.devices[0]!.password).toMatch(/^[\w-]{43}$/)
  await secret.getByRole('button', { name: 'I have saved it' }).click()
  await page.reload()
  await expect(page.getByText(saved.devices[0]!.commandKey)).toHaveCount(0)
})

test('an unknown device is refused, listed while somebody looks for it, and registered', async ({
  page,
  gatehouse,
}) => {
  const attempt = async (login: { clientId: string; username: string; password: string }) => {
    const client = await connectAsync(`mqtt://${gatehouse.mqtt}`, { ...login, protocolVersion: 5, reconnectPeriod: 0 })
    await client.endAsync()
  }
  const stranger = { clientId: '<b>boom-77</b>', username: 'factory', password: 'default' }
  await enter(page, gatehouse)
  await page.goto(`${gatehouse.url}/registry`)
  const card = page.getByRole('region', { name: 'Unknown devices' })
  await card.getByRole('button', { name: 'List them for 30 minutes' }).click()
  await expect(card.getByText('No unknown device has tried to connect yet.')).toBeVisible()
  await expect(attempt(stranger)).rejects.toThrow()
  await card.getByRole('button', { name: 'Register as… <b>boom-77</b>' }).click()
  const form = page.getByRole('dialog', { name: 'Register as…' })
  await form.getByLabel('Name').fill('Boom 77')
  await form.getByRole('button', { name: 'Register' }).click()
  const secret = page.getByRole('dialog', { name: 'Credential of “Boom 77”' })
  const text = async (label: string) =>
    (await secret.locator('dl > div', { hasText: label }).locator('dd').first().innerText()).trim()
  const login = {
    clientId: await text('Client id'),
    username: await text('MQTT user name'),
    password: await text('MQTT password'),
  }
  await secret.getByRole('button', { name: 'I have saved it' }).click()
  await expect(card.getByRole('link', { name: 'Boom 77' })).toBeVisible()
  await attempt(login)
  await expect(attempt(stranger)).rejects.toThrow()
  await card.getByRole('button', { name: 'Stop' }).click()
  await expect(card.getByRole('button', { name: 'List them for 30 minutes' })).toBeVisible()
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

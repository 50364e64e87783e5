import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { axe, enter, expect, setLanguage, test } from './fixtures'

// Every screen there is, as a picture in bin/screens/ to be looked at: of the demo property a while after its start.
const folder = fileURLToPath(new URL('../../../bin/screens', import.meta.url))

/** The addresses of the screens, by the names of their pictures. */
const screens = ([device, ...others]: string[]): Record<string, string> => ({
  wall: '/',
  panel: `/devices/${device}`,
  device: `/device/${device}`,
  deviceTest: `/device/${device}?tab=test`,
  booth: `/booth?lanes=${[device, ...others].join()}`,
  alarms: '/alarms',
  safety: '/safety',
  plan: '/plans',
  timetables: '/timetables',
  agenda: '/timetables?tab=agenda',
  newTimetable: '/timetables/new',
  schedules: '/schedules',
  scheduleHistory: '/schedules/history',
  calendar: '/calendar',
  batches: '/batches',
  events: '/events',
  replay: `/replay?device=${device}`,
  pictures: '/pictures',
  shifts: '/shifts',
  ledger: '/ledger',
  takings: '/ledger?view=takings',
  report: '/reports',
  statistics: '/statistics',
  audit: '/audit',
  registry: '/registry',
  newDevice: '/registry/new',
  people: '/people',
  booths: '/booths',
  integrators: '/integrators',
  tokens: '/tokens',
  clients: '/broker',
  bans: '/broker?tab=bans',
  topics: '/broker?tab=topics',
  retained: '/broker?tab=retained',
  counts: '/broker?tab=counts',
  trace: '/broker?tab=trace',
  testClient: '/broker?tab=test',
  system: '/system',
  systemBackups: '/system?tab=backups',
  systemLog: '/system?tab=log',
  quarantine: '/quarantine',
  me: '/me',
})

/** The page has drawn what it asked for. */
async function drawn(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeVisible()
  await page.waitForLoadState('networkidle').catch(() => undefined) // a page that asks all the time is drawn, too
  await page.evaluate(() => document.fonts.ready)
}

const looks = [
  { name: 'zh', language: 'zh-CN', scheme: 'light', size: { width: 1440, height: 900 } },
  { name: 'en-phone', language: 'en', scheme: 'dark', size: { width: 390, height: 844 } },
] as const

test('every screen says what it is, fits, and has nothing that axe finds', async ({ page, gatehouse }) => {
  test.setTimeout(600_000)
  await enter(page, gatehouse)
  const gates = (await gatehouse.devices()).filter((d) => d.kind === 'gate')
  await Promise.all(gates.slice(0, 3).map((d) => gatehouse.sim(d, 'car')))
  const all = screens(gates.slice(0, 4).map((d) => d.id))
  const wrong: string[] = []
  for (const look of looks) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(gatehouse.url)
    await setLanguage(page, look.language)
    await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: 'reduce' })
    await page.setViewportSize(look.size)
    for (const [name, address] of Object.entries(all)) {
      await page.goto(gatehouse.url + address)
      await drawn(page)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      if (wide > 0) wrong.push(`${name}, ${look.name}: ${wide} px wider than the window`)
      wrong.push(...(await axe(page)).map((found) => `${name}, ${look.name}: ${found}`))
      await page.screenshot({ path: `${folder}/${name}-${look.name}.png`, animations: 'disabled', fullPage: true })
    }
  }
  expect(wrong).toEqual([])
})

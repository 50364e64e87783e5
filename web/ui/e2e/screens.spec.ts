import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { axe, enter, expect, setLanguage, test } from './fixtures'

// Every screen there is, as a picture in bin/screens/ to be looked at: of the demo property a while after its start.
const folder = fileURLToPath(new URL('../../../bin/screens', import.meta.url))

/** The addresses of the screens, by the names of their pictures. */
const screens = (device: string, gates: string[]): Record<string, string> => ({
  wall: '/',
  panel: `/devices/${device}`,
  device: `/device/${device}`,
  deviceTest: `/device/${device}?tab=test`,
  booth: `/booth?lanes=${gates.join()}`,
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
  system: '/system',
  systemLog: '/system?tab=log',
  quarantine: '/quarantine',
  me: '/me',
})

/** The page has drawn what it asked for, and nothing on it is wider than the window. */
async function drawn(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeVisible()
  await page.waitForLoadState('networkidle').catch(() => undefined) // a page that asks all the time is drawn, too
  await page.evaluate(() => document.fonts.ready)
}

const looks = [
  { name: 'zh', language: 'zh-CN', scheme: 'light', size: { width: 1440, height: 900 } },
  { name: 'en-phone', language: 'en', scheme: 'dark', size: { width: 390, height: 844 } },
] as const

for (const look of looks) {
  test(`every screen fits, and says what it is, ${look.name}`, async ({ page, gatehouse }) => {
    test.setTimeout(600_000)
    await enter(page, gatehouse)
    const all = await gatehouse.devices()
    const gates = all.filter((d) => d.kind === 'gate')
    await Promise.all(gates.slice(0, 3).map((d) => gatehouse.sim(d, 'car')))
    await setLanguage(page, look.language)
    await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: 'reduce' })
    await page.setViewportSize(look.size)
    const wrong: string[] = []
    for (const [name, address] of Object.entries(
      screens(
        gates[0]!.id,
        gates.slice(0, 4).map((d) => d.id),
      ),
    )) {
      await page.goto(gatehouse.url + address)
      await drawn(page)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      if (wide > 0) wrong.push(`${name}: ${wide} px wider than the window`)
      wrong.push(...(await axe(page)).map((found) => `${name}: ${found}`))
      await page.screenshot({ path: `${folder}/${name}-${look.name}.png`, animations: 'disabled', fullPage: true })
    }
    expect(wrong).toEqual([])
  })
}

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test as base, expect, type APIRequestContext, type Page } from '@playwright/test'
import { Gatehouse } from './server'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const admin = { name: 'admin', password: 'orchard lantern kettle river' }

interface Fixtures {
  /** Faults that this test brings about itself (a server that is stopped) may be allowed by their text. */
  allowed: RegExp[]
}

interface WorkerFixtures {
  gatehouse: Gatehouse
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  gatehouse: [
    async ({}, use) => {
      const gatehouse = new Gatehouse()
      try {
        await gatehouse.start()
        await use(gatehouse)
      } finally {
        await gatehouse.stop()
      }
    },
    { scope: 'worker', timeout: 90_000 },
  ],

  allowed: async ({ context }, use) => {
    void context
    await use([])
  },

  /** A page on which any console error, page error, refused policy or failed request fails the test. */
  page: async ({ page, allowed }, use) => {
    const faults: string[] = []
    const fault = (text: string) => {
      // Who is nobody yet is told so: the page asks before it shows the sign-in.
      if (/status of 401/.test(text)) return
      if (!allowed.some((a) => a.test(text))) faults.push(text)
    }
    page.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warning') fault(`console ${m.type()}: ${m.text()}`)
    })
    page.on('pageerror', (err) => fault(`page error: ${err.message}`))
    page.on('requestfailed', (r) => {
      // A navigation takes its pending requests with it.
      if (r.failure()?.errorText !== 'net::ERR_ABORTED') fault(`request failed: ${r.url()} ${r.failure()?.errorText}`)
    })
    page.on('response', (r) => {
      if (r.status() >= 500) fault(`${r.status()} ${r.url()}`)
    })
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (e) =>
        console.error(`policy violation: ${e.violatedDirective} ${e.blockedURI}`),
      )
    })
    await use(page)
    expect(faults).toEqual([])
  },
})

export { expect }

/** Creates the first administrator, or signs in if there is one. Ends on the wall, in English. */
export async function enter(page: Page, gatehouse: Gatehouse): Promise<void> {
  const { needed } = await call<{ needed: boolean }>(page, gatehouse, 'GET', '/setup')
  await page.goto(gatehouse.url)
  if (needed) {
    await page.getByLabel('Setup token').fill(gatehouse.setupToken)
    await page.getByLabel('User name').fill(admin.name)
    await page.getByLabel('Password', { exact: true }).fill(admin.password)
    await page.getByLabel('Password again').fill(admin.password)
    await page.getByRole('button', { name: 'Create administrator' }).click()
  } else {
    await page.getByLabel('User name').fill(admin.name)
    await page.getByLabel('Password', { exact: true }).fill(admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
}

/** Calls the API as whoever is signed in, and gives what it answers. */
export async function call<T>(
  who: { request: APIRequestContext },
  gatehouse: Gatehouse,
  method: string,
  path: string,
  data?: object,
): Promise<T> {
  const answer = await who.request.fetch(`${gatehouse.url}/api/v1${path}`, { method, data })
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
  return (answer.status() === 204 ? undefined : await answer.json()) as T
}

/** Makes a guard, as whoever is signed in may; gives the first password. */
export async function addGuard(page: Page, gatehouse: Gatehouse, name: string): Promise<string> {
  const guard = { name, role: 'guard', scope: { sites: [], zones: [], hours: [] } }
  return (await call<{ password: string }>(page, gatehouse, 'POST', '/people', guard)).password
}

/** What axe finds on the page as it is. */
export async function axe(page: Page): Promise<string[]> {
  // Playwright evaluates outside the page's content policy.
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run(o: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>
      }
    }
    const { violations } = await axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    const found = violations.flatMap((v) =>
      v.nodes.map((n) => ({ id: v.id, html: n.html, why: n.failureSummary ?? '' })),
    )
    // What lies half under a bar that stays at the edge of the window is scrolled from under it.
    const real = found.filter((x) => !(x.id === 'target-size' && x.why.includes('partially obscured')))
    return real.map((x) => `${x.id}: ${x.html.slice(0, 160)} ${x.why}`)
  })
}

/** Finds nothing wrong in either language, in dark with the one and in light with the other; leaves the page in English and light. */
export async function accessible(page: Page): Promise<void> {
  for (const [language, scheme] of [
    ['zh-CN', 'dark'],
    ['en', 'light'],
  ] as const) {
    await setLanguage(page, language)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveClass(scheme === 'dark' ? /dark/ : /^(?!.*dark)/)
    // Colours are measured once they are painted; with reduced motion that is the next frame.
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))))
    expect(await axe(page), `${page.url()} ${language} ${scheme}`).toEqual([])
  }
}

export async function setLanguage(page: Page, language: 'zh-CN' | 'en'): Promise<void> {
  const button = page.locator(`button[lang="${language}"]:visible`).first()
  await button.click()
  await expect(page.locator('html')).toHaveAttribute('lang', language)
}

import type { BrowserContext, CDPSession, Page } from '@playwright/test'
import { admin, enter, expect, test } from '../e2e/fixtures'
import { Gatehouse } from '../e2e/server'
import { Fleet } from './property'

// The wall with many devices on the real server: how long from sign-in until all are there, and what news costs.
// It prints a table and judges nothing: a busy machine has other figures. BENCH_RUNS: how often each is measured (3).

const runs = Number(process.env.BENCH_RUNS ?? 3)
const seconds = 10
const rows: string[] = []

interface Load {
  /** Processor time of the main thread, in ms per second. */
  busy: number
  /** Frames from the broker per second: a starved machine sends less than it was asked to. */
  frames: number
  /** Tasks over 50 ms, and the longest in ms. */
  long: number
  longest: number
}

for (const count of [500, 5_000]) {
  test(`${count} devices`, async ({ browser }) => {
    test.setTimeout(15 * 60_000)
    const gatehouse = new Gatehouse()
    await gatehouse.start()
    const first = await browser.newContext({ locale: 'en-GB' })
    try {
      const page = await first.newPage()
      await enter(page, gatehouse)
      const fleet = await Fleet.join(page, gatehouse, count)
      await first.close()
      const came = await best(() => inNewBrowser(browser, (context) => signIn(context, gatehouse, count)))
      note(
        row(`${count} devices: all on the wall after sign-in`, `${came} ms`, count === 500 ? '1,000 ms' : '3,000 ms'),
      )
      await measureNews(browser, gatehouse, fleet, count)
      await fleet.leave()
    } finally {
      await gatehouse.stop()
    }
  })
}

test.afterAll(() => {
  console.log(['', '| what | measured, best of ' + runs + ' | wanted |', '| --- | --- | --- |', ...rows, ''].join('\n'))
})

/** Keeps a row for the table, and says it at once: a run may be broken off. */
function note(line: string): void {
  rows.push(line)
  console.log(line)
}

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`

async function inNewBrowser<T>(
  browser: { newContext(o: object): Promise<BrowserContext> },
  f: (c: BrowserContext) => Promise<T>,
) {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } })
  try {
    return await f(context)
  } finally {
    await context.close()
  }
}

async function best(f: () => Promise<number>): Promise<number> {
  let least = Infinity
  for (let i = 0; i < runs; i++) least = Math.min(least, await f())
  return Math.round(least)
}

/** Signs in with nothing in the cache; ms from pressing Enter to the picture that has all of them. */
async function signIn(context: BrowserContext, gatehouse: Gatehouse, count: number): Promise<number> {
  const page = await context.newPage()
  await openLogin(page, gatehouse)
  await page.evaluate((wanted) => {
    const w = window as unknown as { began: number; came: Promise<number> }
    addEventListener('submit', () => (w.began = performance.now()), { capture: true, once: true })
    w.came = new Promise((resolve) => {
      const look = () => {
        const said = document.querySelector('.counter.all .n')?.textContent ?? ''
        const all = Number(said.replace(/\D/g, '')) >= wanted && document.querySelector('[data-device]')
        if (all) resolve(performance.now() - w.began)
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    })
  }, count)
  await page.getByRole('button', { name: 'Sign in' }).click()
  return page.evaluate(() => (window as unknown as { came: Promise<number> }).came)
}

async function openLogin(page: Page, gatehouse: Gatehouse): Promise<void> {
  await page.goto(gatehouse.url)
  await page.getByLabel('User name').fill(admin.name)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
}

/** The cost of news at 50 and 200 reports a second, and the heap after it. */
async function measureNews(
  browser: Parameters<typeof inNewBrowser>[0],
  gatehouse: Gatehouse,
  fleet: Fleet,
  count: number,
): Promise<void> {
  await inNewBrowser(browser, async (context) => {
    let frames = 0
    context.on('page', (p) => p.on('websocket', (socket) => socket.on('framereceived', () => frames++)))
    await signIn(context, gatehouse, count)
    const page = context.pages()[0]!
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    const cdp = await context.newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' }) // what others on the machine take does not count
    for (const rate of [50, 200]) {
      fleet.rate(rate)
      await watch(page, cdp, () => frames, 3) // what belongs to the sign-in, or to the rate before, is over
      const loads: Load[] = []
      for (let i = 0; i < runs; i++) loads.push(await watch(page, cdp, () => frames, seconds))
      const { busy, frames: came, long, longest } = loads.sort((a, b) => a.busy - b.busy)[0]!
      const name = `${count} devices, ${rate} reports/s:`
      note(
        row(`${name} main thread`, `${busy} ms/s (${came} frames/s)`, count === 500 && rate === 50 ? '150 ms/s' : '–'),
      )
      note(row(`${name} tasks over 50 ms in ${seconds} s`, `${long}, longest ${longest} ms`, rate === 200 ? '0' : '–'))
    }
    fleet.rate(0)
    await cdp.send('HeapProfiler.collectGarbage')
    note(
      row(
        `${count} devices: heap`,
        `${((await metric(cdp, 'JSHeapUsedSize')) / 1e6).toFixed(1)} MB`,
        count === 500 ? '25 MB' : '–',
      ),
    )
  })
}

async function watch(page: Page, cdp: CDPSession, frames: () => number, span: number): Promise<Load> {
  const from = frames()
  const before = await metric(cdp, 'TaskDuration')
  const tasks = await page.evaluate(async (s) => {
    const seen: number[] = []
    const observer = new PerformanceObserver((list) => seen.push(...list.getEntries().map((e) => e.duration)))
    observer.observe({ type: 'longtask' })
    await new Promise((resolve) => setTimeout(resolve, s * 1_000))
    observer.disconnect()
    return seen
  }, span)
  const busy = Math.round((1_000 * ((await metric(cdp, 'TaskDuration')) - before)) / span)
  return {
    busy,
    frames: Math.round((frames() - from) / span),
    long: tasks.length,
    longest: Math.round(Math.max(0, ...tasks)),
  }
}

async function metric(cdp: CDPSession, name: string): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return metrics.find((m) => m.name === name)!.value
}

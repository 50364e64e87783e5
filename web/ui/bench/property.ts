import { spawn, type ChildProcess } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { call, expect } from '../e2e/fixtures'
import type { Gatehouse } from '../e2e/server'

const perZone = 100
const perOrder = 1_000 // credentials in one request, at most

/** So many devices in zones of a hundred, on the real server, all online. */
export class Fleet {
  private constructor(private readonly child: ChildProcess) {}

  /** Registers them as whoever is signed in on the page, and connects them. */
  static async join(page: Page, gatehouse: Gatehouse, count: number): Promise<Fleet> {
    const ids = await register(page, gatehouse, count)
    const devices = []
    for (let from = 0; from < ids.length; from += perOrder) {
      const order = { devices: ids.slice(from, from + perOrder) }
      const { csv } = await call<{ csv: string }>(page, gatehouse, 'POST', '/devices/credentials', order)
      devices.push(...credentials(csv))
    }
    const file = join(tmpdir(), `gatehouse-bench-${process.pid}-${count}.json`)
    await writeFile(file, JSON.stringify({ broker: gatehouse.mqtt, devices }), { mode: 0o600 })
    const program = fileURLToPath(new URL('fleet.mjs', import.meta.url))
    const child = spawn('node', [program, file], { stdio: ['pipe', 'pipe', 'inherit'] })
    const said = createInterface({ input: child.stdout })
    await new Promise<void>((resolve, reject) => {
      said.once('line', () => resolve())
      child.once('exit', (code) => reject(new Error(`the fleet ended with ${code}`)))
    })
    await rm(file) // it holds secrets
    return new Fleet(child)
  }

  /** So many reports a second from now on, from all of them by turns. */
  rate(n: number): void {
    this.child.stdin!.write(`rate ${n}\n`)
  }

  async leave(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.stdin!.end()
    await ended
  }
}

async function register(page: Page, gatehouse: Gatehouse, count: number): Promise<string[]> {
  const place = { name: 'Bench', timeZone: 'Asia/Shanghai' }
  await call(page, gatehouse, 'POST', '/sites', place)
  const rows = Array.from({ length: count }, (_, i) => {
    const kind = i % 3 === 2 ? 'turnstile' : 'gate'
    return `Bench,Zone ${Math.floor(i / perZone) + 1},${kind},${kind} ${i + 1}`
  })
  const answer = await page.request.post(`${gatehouse.url}/api/v1/devices/import`, {
    headers: { 'content-type': 'text/csv' },
    data: ['site,zone,kind,name', ...rows].join('\n'),
    timeout: 120_000,
  })
  const made = (await answer.json()) as { registered: boolean; ids: string[]; errors: unknown[] }
  expect(made.registered, JSON.stringify(made).slice(0, 500)).toBe(true)
  return made.ids
}

function credentials(csv: string) {
  const [head, ...rows] = csv
    .replace(/^\ufeff/, '')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','))
  return rows.map((row) => {
    const of = (name: string) => row[head!.indexOf(name)]!
    return { username: of('username'), password: of('password'), prefix: of('topic_prefix'), kind: of('kind') }
  })
}

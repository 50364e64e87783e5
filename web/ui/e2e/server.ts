import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const bin = process.env.GATEHOUSE_BIN ?? fileURLToPath(new URL('../../../bin', import.meta.url))
const patience = 60_000

interface Running {
  process: ChildProcess
  /** What the program said when it was ready: ready key=value … */
  said: Record<string, string>
}

/** Starts a program and waits for its ready line. If it ends first, the error has what it wrote. */
async function start(name: string, args: string[]): Promise<Running> {
  const child = spawn(join(bin, name), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-20_000)))
  const lines = createInterface({ input: child.stdout })
  try {
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} was not ready in time`)), patience)
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
      lines.on('line', (text) => {
        if (!text.startsWith('ready ')) return
        clearTimeout(timer)
        resolve(text)
      })
    })
    const said = Object.fromEntries(
      line
        .split(' ')
        .slice(1)
        .map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
    )
    return { process: child, said }
  } catch (err) {
    child.kill('SIGKILL')
    throw new Error(`${(err as Error).message}\n${log}`, { cause: err })
  }
}

async function stop(running: Running | undefined): Promise<void> {
  const child = running?.process
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}

/** One device as the simulator tells of it. */
export interface SimDevice {
  id: string
  name: string
  kind: 'gate' | 'turnstile' | 'camera'
  connected: boolean
  physical: string
  lastCommand: unknown
}

/** The real server with the demo property and the real simulator, on free ports, in a folder of their own. */
export class Gatehouse {
  private server?: Running
  private simulator?: Running
  private folder = ''

  url = ''
  setupToken = ''
  /** SHA-256 of the certificate that the server made itself, if it did. */
  fingerprint = ''

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'gatehouse-e2e-'))
    await this.startServer('127.0.0.1:0', '127.0.0.1:0')
    await this.startSimulator()
  }

  /** Starts the server alone, with HTTPS and MQTTS by a certificate of its own. */
  async startSelfSigned(): Promise<void> {
    await this.startAlone('mqtt: {tls: {listen: "127.0.0.1:0"}}\n', '--self-signed')
  }

  /** Starts the server alone, configured by a file. */
  async startAlone(settings: string, ...more: string[]): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'gatehouse-e2e-'))
    const config = join(this.folder, 'server.yaml')
    await writeFile(config, settings, { mode: 0o600 })
    await this.startServer('127.0.0.1:0', '127.0.0.1:0', '--config', config, ...more)
  }

  /** host:port of MQTT over TCP. */
  mqtt = ''

  private async startServer(http: string, mqtt: string, ...more: string[]): Promise<void> {
    const args = ['--demo', '--data', this.folder, '--http', http, '--mqtt', mqtt]
    this.server = await start('server', [...args, ...more])
    this.url = this.server.said.http!
    this.mqtt = this.server.said.mqtt!
    this.fingerprint = this.server.said.fingerprint ?? ''
    this.setupToken = this.server.said['setup-token'] ?? this.setupToken
  }

  async startSimulator(): Promise<void> {
    const devices = join(this.folder, 'devices.json')
    this.simulator = await start('devicesim', [
      '--devices',
      devices,
      '--mqtt',
      `tcp://${this.mqtt}`,
      '--control',
      '127.0.0.1:0',
    ])
  }

  /** Starts another simulator with the devices of a credential's document; gives what ends it. */
  async mount(document: string): Promise<() => Promise<void>> {
    const folder = await mkdtemp(join(this.folder, 'mounted-'))
    const devices = join(folder, 'devices.json')
    await writeFile(devices, document)
    const args = ['--devices', devices, '--mqtt', `tcp://${this.mqtt}`, '--control', '127.0.0.1:0']
    const running = await start('devicesim', args)
    return () => stop(running)
  }

  /** Kills the simulator without a word: its connections break. */
  async killSimulator(): Promise<void> {
    const child = this.simulator?.process
    if (!child) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    this.simulator = undefined
  }

  /** Stops the server; restart brings it back on the same address with the same data. */
  async stopServer(): Promise<void> {
    await stop(this.server)
  }

  async restartServer(): Promise<void> {
    await this.startServer(new URL(this.url).host.replace('localhost', '127.0.0.1'), this.mqtt)
  }

  /** The simulator's devices, as it sees them. */
  async devices(): Promise<SimDevice[]> {
    const answer = await fetch(`${this.simulator!.said.control}/api/devices`)
    return (await answer.json()) as SimDevice[]
  }

  async device(name: string): Promise<SimDevice> {
    const found = (await this.devices()).find((d) => d.name === name)
    if (!found) throw new Error(`the simulator has no device named ${name}`)
    return found
  }

  /** Does something on the simulator's control page: car, cut, restore, repeat-billing. */
  async sim(device: SimDevice, act: string): Promise<Record<string, string>> {
    const answer = await fetch(`${this.simulator!.said.control}/api/devices/${device.id}/${act}`, { method: 'POST' })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`simulator: ${act}: ${answer.status} ${text}`)
    return text ? (JSON.parse(text) as Record<string, string>) : {}
  }

  async stop(): Promise<void> {
    await stop(this.simulator)
    await stop(this.server)
    await rm(this.folder, { recursive: true, force: true })
  }
}

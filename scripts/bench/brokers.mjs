// Starts the brokers that are measured, each as a process with a free port of this
// machine, in memory or on a folder.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'

const mosquittoPath = ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((p) => !spawnSync(p, ['-h']).error)

export const mosquittoVersion = mosquittoPath
  ? spawnSync(mosquittoPath, ['-h'], { encoding: 'utf8' }).stdout.match(/version (\S+)/)?.[1]
  : undefined

export const names = mosquittoPath ? ['gatehouse', 'mosquitto'] : ['gatehouse']

const running = new Set()

// Whatever ends this program ends the brokers.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

// start gives address, pid and stop of a broker that takes connections.
export async function start(name, store, work) {
  const folder = mkdtempSync(join(work, `${name}-`))
  const { child, address } = await { gatehouse, mosquitto }[name](store, folder)
  return {
    address,
    pid: child.pid,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} ended by itself`)
      child.kill('SIGTERM')
      // One that takes long to write down what it has is not waited for.
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await once(child, 'exit')
      clearTimeout(patience)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function launch(program, args, stdout, stderr) {
  const child = spawn(program, args, { stdio: ['ignore', stdout, stderr] })
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

async function gatehouse(store, folder) {
  const data = store === 'disk' ? ['--data', join(folder, 'data')] : []
  const child = launch('bin/server', ['broker', '--tcp', '127.0.0.1:0', '--anonymous', ...data], 'pipe', 'inherit')
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = line.match(/^ready mqtt=(\S+)/)
    if (ready) return { child, address: ready[1] }
  }
  throw new Error('bin/server ended before it was ready')
}

async function mosquitto(store, folder) {
  const port = await freePort()
  const config = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'set_tcp_nodelay true',
    'log_type none',
    ...(process.getuid() === 0 ? ['user root'] : []), // the folder is ours
    ...(store === 'disk'
      ? ['persistence true', `persistence_location ${folder}/`, 'autosave_on_changes true', 'autosave_interval 1']
      : ['persistence false']),
  ]
  const path = join(folder, 'mosquitto.conf')
  writeFileSync(path, config.join('\n') + '\n')
  // It warns of much that is meant here; only why it did not start is of interest.
  let words = ''
  const child = launch(mosquittoPath, ['-c', path], 'ignore', 'pipe')
  child.stderr.setEncoding('utf8').on('data', (text) => (words = (words + text).slice(-1000)))
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended before it was ready: ${words}`)
  }
  return { child, address: `127.0.0.1:${port}` }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => (socket.destroy(), resolve(true)))
    socket.once('error', () => setTimeout(resolve, 50, false))
  })

// Runs every work on every broker, in turns, and appends what was measured to a
// file of JSON lines for report.mjs.
//   node scripts/bench/run.mjs FOLDER full|quick
import { execFile } from 'node:child_process'
import { appendFileSync, closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { mosquittoVersion, names, start } from './brokers.mjs'
import { figures, tables } from './works.mjs'

const [folder, size] = process.argv.slice(2)
if (!folder || !['full', 'quick'].includes(size)) {
  console.error('usage: scripts/bench.sh [quick]')
  process.exit(2)
}
const quick = size === 'quick'
const only = process.env.BENCH_ONLY ?? ''
const runs = quick ? 1 : Number(process.env.BENCH_RUNS ?? 5)
if (!Number.isInteger(runs) || runs < 1 || runs > 100) {
  console.error(`BENCH_RUNS of 1 to 100 expected, ${process.env.BENCH_RUNS} came`)
  process.exit(2)
}
const complete = !quick && !only

const lines = join(folder, complete ? 'lines' : 'lines-in-part')
const note = (line) => appendFileSync(lines, JSON.stringify(line) + '\n')

// load runs the generator once; scale makes it smaller. Each run has topics of its
// own: what an earlier one left retained is none of its business.
let loads = 0
function load(broker, work, scale, more) {
  const flags = { ...work.flags, address: broker.address, prefix: `load${++loads}/`, ...more }
  for (const name of ['count', 'n']) {
    if (flags[name]) flags[name] = Math.max(Math.ceil(flags[name] * scale), Math.min(flags[name], 200))
  }
  const args = Object.entries(flags).map(([name, value]) => `-${name}=${value}`)
  return new Promise((resolve, reject) => {
    execFile('bin/mqttload', [work.mode, ...args], (error, stdout, stderr) => {
      if (!stdout) return reject(new Error(stderr || String(error)))
      const result = JSON.parse(stdout)
      if (result.set_seconds) result.set_per_second = result.sent / result.set_seconds
      resolve({ result, people: stderr.trim() })
    })
  })
}

// warm starts a broker and gives it a little of the work, unmeasured.
async function warm(name, store, work) {
  const broker = await start(name, store, folder)
  await load(broker, work, work.fresh ? 0.02 : 0.2, work.flags.limit && { limit: '3s' })
  return broker
}

async function measure(table, index, work) {
  const brokers = {}
  for (let run = 1; run <= runs; run++) {
    // Who is first changes: nobody always has the machine that the other left.
    for (const name of run % 2 ? names : names.toReversed()) {
      brokers[name] ??= await warm(name, table.store, work)
      const { result, people } = await load(brokers[name], work, quick ? 0.1 : 1, { pid: brokers[name].pid })
      console.log(`  ${name.padEnd(10)} ${people}`)
      note({ table: table.title, work: index, broker: name, run, result })
      if (work.fresh) {
        await brokers[name].stop()
        delete brokers[name]
      }
    }
  }
  for (const broker of Object.values(brokers)) await broker.stop()
}

// syncTime is the median time, in µs, that this disk takes to make 4 KiB durable.
function syncTime() {
  const path = join(folder, 'sync')
  const file = openSync(path, 'w')
  const block = Buffer.alloc(4096)
  const times = []
  for (let k = 0; k < 200; k++) {
    const began = process.hrtime.bigint()
    writeSync(file, block)
    fdatasyncSync(file)
    times.push(Number(process.hrtime.bigint() - began) / 1000)
  }
  closeSync(file)
  rmSync(path)
  return times.sort((a, b) => a - b)[100]
}

const busy = loadavg()[0]
if (busy > 0.5) console.log(`The load of this machine is ${busy.toFixed(1)}: something else runs here, and the figures will tell of that too.`)
if (!mosquittoVersion) console.log('Mosquitto is not installed: our figures stand alone (on Debian: apt-get install mosquitto).')
note({ machine: { busy, syncTime: syncTime(), runs, mosquittoVersion } })
for (const table of tables) {
  for (const [index, work] of table.works.entries()) {
    const title = figures(work).map((f) => f.name).join('; ')
    if (!`${table.title}: ${title}`.toLowerCase().includes(only.toLowerCase())) continue
    console.log(`\n== ${table.title}: ${title}`)
    await measure(table, index, work)
  }
}
if (!complete) console.log('\nThis was not everything: broker/BENCHMARKS.md stays as it is.')

// Makes broker/BENCHMARKS.md from what run.mjs measured and from the output of the
// Go benchmarks.
//   node scripts/bench/report.mjs LINES GO
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { figures, tables } from './works.mjs'

const [linesPath, goPath] = process.argv.slice(2)
const lines = readFileSync(linesPath, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l))
const machine = lines.find((l) => l.machine).machine

const row = (...cells) => console.log(`| ${cells.join(' | ')} |`)
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8' }).trim()
const say = (text) => console.log(text + '\n')

const short = (x) => {
  if (x === undefined || !Number.isFinite(x)) return '–'
  if (Math.abs(x) >= 1000) return Math.round(x).toLocaleString('en')
  return Math.abs(x) >= 100 ? x.toFixed(0) : x.toPrecision(3)
}

// figure is the median of what a broker needed, with the least and the most.
function figure(table, index, broker, of) {
  const all = lines
    .filter((l) => l.table === table.title && l.work === index && l.broker === broker && !l.result.error)
    .map((l) => of(l.result))
    .filter((value) => value !== undefined)
    .sort((a, b) => a - b)
  if (all.length === 0) return { text: '–' }
  const half = all.length >> 1
  const value = all.length % 2 ? all[half] : (all[half - 1] + all[half]) / 2
  return { value, text: short(value) + (all.length > 1 ? ` (${short(all[0])}–${short(all.at(-1))})` : '') }
}

const share = (x) => (x < 1 ? `1/${Math.round(1 / x)}` : x)

// judge is what is wanted of a figure, and whether it is so.
function judge(f, ours, ratio) {
  const is = (value, reached) => (value === undefined ? 'not measured' : reached ? 'yes' : '**no**')
  if (f.most !== undefined) return [`≤ ${f.most} ${f.unit}`, is(ours, ours <= f.most)]
  if (f.least !== undefined) return [`≥ ${f.least.toLocaleString('en')} ${f.unit}`, is(ours, ours >= f.least)]
  if (f.ratio !== undefined) return [`ratio ≤ ${share(f.ratio)}`, is(ratio, ratio <= f.ratio)]
  return ['', '']
}

function print(table) {
  row('work', 'unit', 'Gatehouse', 'Mosquitto', 'Gatehouse / Mosquitto', 'wanted', 'reached')
  row('---', '---', '---', '---', '---', '---', '---')
  for (const [index, work] of table.works.entries()) {
    for (const f of figures(work)) {
      const ours = figure(table, index, 'gatehouse', f.of)
      const theirs = figure(table, index, 'mosquitto', f.of)
      const ratio = theirs.value && ours.value !== undefined ? ours.value / theirs.value : undefined
      row(f.name, f.unit, ours.text, theirs.text, ratio === undefined ? '–' : ratio.toFixed(ratio < 0.1 ? 3 : 2), ...judge(f, ours.value, ratio))
    }
  }
  console.log()
}

// mistakes are messages that a broker acknowledged and lost, or delivered twice or
// out of order, and runs that failed.
function mistakes() {
  const found = []
  for (const { table, work, broker, run: number, result: r } of lines.filter((l) => l.result)) {
    const what = ['lost', 'doubled', 'disordered', 'foreign'].filter((k) => r[k]).map((k) => `${r[k].toLocaleString('en')} ${k}`)
    if (r.error) what.push(`failed: ${r.error.replaceAll('\n', '; ')}`)
    if (what.length === 0) continue
    const name = figures(tables.find((t) => t.title === table).works[work])[0].name
    found.push(`- ${broker}, ${table}, ${name}, run ${number}: ${what.join(', ')} of ${r.wanted.toLocaleString('en')}`)
  }
  return found
}

const [onMemory, onDisk, acknowledgements] = tables

console.log('# Benchmarks of the broker\n')
say('`make bench` wrote this file: it runs both brokers in turns on one machine, load generator included, and takes the median.')
say(
  `${new Date().toISOString().slice(0, 10)}, commit ${run('git', 'rev-parse', '--short=12', 'HEAD')}, ${run('go', 'env', 'GOVERSION')}, ` +
    `${machine.mosquittoVersion ? `Mosquitto ${machine.mosquittoVersion}` : 'Mosquitto was not installed'}; ` +
    `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}.`,
)
say(
  `Median of ${machine.runs} ${machine.runs === 1 ? 'run' : 'runs'}, in brackets the least and the most. CPU is user and system time of the broker's process. ` +
    'Times of day wander on a small machine that others share; CPU per message and ratios within one run hold.' +
    (machine.busy > 0.5 ? ` **When this began the machine was busy with something else (load ${machine.busy.toFixed(1)}).**` : ''),
)
console.log('## In memory\n')
say('Mosquitto: `max_inflight_messages 0`, `max_queued_messages 0`, `set_tcp_nodelay true`, `persistence false`.')
print(onMemory)
console.log('## On disk\n')
say(
  'Ours with `--data`: what is acknowledged is durable. Mosquitto with `persistence true`, `autosave_on_changes true`, `autosave_interval 1`: it saves ' +
    'everything after every change, after it has acknowledged. Receivers have persistent sessions. A run ends after 10 s.',
)
print(onDisk)
console.log('## Durable acknowledgements\n')
say(
  'Messages of 128 bytes for one subscriber with a persistent session that is away, and then comes and must get all of them. ' +
    `This disk takes ${short(machine.syncTime)} µs to make 4 KiB durable (median).`,
)
print(acknowledgements)
const found = mistakes()
console.log('## Mistakes\n')
say(found.length ? found.join('\n') : 'None: in no run did a broker lose, double or reorder a message that it had acknowledged.')
console.log('## Parts\n')
say('Go benchmarks of the packages below `broker/`, one run each.')
console.log('```')
console.log(readFileSync(goPath, 'utf8').split('\n').filter((l) => /^(pkg:|Benchmark)/.test(l)).join('\n'))
console.log('```')

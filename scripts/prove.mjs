// Makes prove.md from the lines that tests recorded and the tally of gotest.mjs: what
// was skipped proves nothing, and is named.
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { execFileSync } from 'node:child_process'

const lines = readFileSync(process.argv[2], 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((l) => JSON.parse(l))
  .sort((a, b) => a.promise.localeCompare(b.promise))

const cell = (s) => String(s).replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (...cells) => console.log(`| ${cells.map(cell).join(' | ')} |`)

const run = (program, ...args) => {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}

console.log('# What was promised, and what was measured\n')
console.log(
  `Commit ${run('git', 'rev-parse', '--short=12', 'HEAD')}, ${run('go', 'version')}, ${type()} ${release()}, ` +
    `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB.\n`,
)
row('promise', 'seed', 'wanted', 'measured', '')
row('---', '---', '---', '---', '---')
for (const l of lines) row(l.promise, l.seed, l.wanted, l.measured, l.passed ? 'kept' : 'BROKEN')

const { skipped } = JSON.parse(readFileSync(process.argv[3], 'utf8'))
if (skipped.length > 0) {
  console.log('\n## Skipped here\n')
  for (const s of skipped) console.log(`- ${s.replaceAll('\n', ' ')}`)
}

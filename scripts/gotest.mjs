// Reads the output of `go test -json`, shows one line per package and the output
// of what failed, and writes the tally to the file named by the argument. The
// exit code is that of the tests.
import { createInterface } from 'node:readline'
import { writeFileSync } from 'node:fs'

const tally = { passed: 0, failed: [], skipped: [] }
const output = new Map() // package or package/test → its lines
const running = new Set() // tests that have begun and not ended
let broken = false

const name = (e) => (e.Test ? `${e.Package} ${e.Test}` : (e.Package ?? e.ImportPath ?? ''))
const parent = (e) => e.Test && !e.Test.includes('/')

for await (const line of createInterface({ input: process.stdin })) {
  let e
  try {
    e = JSON.parse(line)
  } catch {
    console.log(line) // not from the test program: go itself has something to say
    continue
  }
  const lines = output.get(name(e)) ?? []
  if (['pass', 'skip', 'fail'].includes(e.Action)) running.delete(name(e))
  switch (e.Action) {
    case 'run':
      running.add(name(e))
      break
    case 'output':
    case 'build-output':
      output.set(name(e), [...lines, e.Output])
      break
    case 'build-fail':
      broken = true
      process.stdout.write(lines.join(''))
      break
    case 'pass':
      if (parent(e)) tally.passed++
      if (!e.Test) console.log(`ok    ${e.Package}  ${e.Elapsed}s`)
      if (e.Test) output.delete(name(e))
      break
    case 'skip':
      if (e.Test) tally.skipped.push(`${name(e)}: ${reason(lines)}`)
      break
    case 'fail':
      if (parent(e)) tally.failed.push(name(e))
      if (!e.Test) {
        broken = true
        console.log(`FAIL  ${e.Package}  ${e.Elapsed}s`)
        crashed(e.Package)
      }
      process.stdout.write(lines.join(''))
      break
  }
}
// A package that failed without a failed test did not build, or crashed.
if (broken && tally.failed.length === 0) tally.failed.push('a Go package did not build or ended early')
writeFileSync(process.argv[2], JSON.stringify(tally))
process.exitCode = broken ? 1 : 0

// What a test program that crashed said last stands with a test that never ended.
function crashed(pkg) {
  for (const test of running) {
    if (!test.startsWith(`${pkg} `)) continue
    running.delete(test)
    tally.failed.push(`${test} (it never ended)`)
    process.stdout.write((output.get(test) ?? []).join(''))
  }
}

function reason(lines) {
  return lines
    .filter((l) => !/^\s*(===|---)/.test(l))
    .join('')
    .trim()
}

// Adds up what the tests wrote into a folder: go*.json (scripts/gotest.mjs),
// vitest.json and playwright.json. Names every failed and every skipped test, and
// ends with the line "N passed, N failed". The exit code is 1 if anything failed
// or a result is absent.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const sum = { passed: 0, failed: [], skipped: [] }

const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
const add = (part, from) => {
  sum.passed += part.passed
  sum.failed.push(...part.failed)
  sum.skipped.push(...part.skipped)
  console.log(`${from}: ${part.passed} passed, ${part.failed.length} failed, ${part.skipped.length} skipped`)
}

function vitest(report) {
  const part = { passed: 0, failed: [], skipped: [] }
  for (const file of report.testResults) {
    if (file.status === 'failed' && file.assertionResults.length === 0) part.failed.push(`${file.name}: ${file.message}`)
    for (const t of file.assertionResults) {
      if (t.status === 'passed') part.passed++
      else (t.status === 'failed' ? part.failed : part.skipped).push(`${file.name} ${t.fullName}`)
    }
  }
  return part
}

function playwright(report) {
  const part = { passed: 0, failed: report.errors.map((e) => e.message), skipped: [] }
  const walk = (suite) => {
    for (const spec of suite.specs ?? []) {
      for (const t of spec.tests) {
        const called = `${spec.file} ${spec.title} [${t.projectName}]`
        if (t.status === 'expected') part.passed++
        else (t.status === 'skipped' ? part.skipped : part.failed).push(called)
      }
    }
    suite.suites?.forEach(walk)
  }
  report.suites.forEach(walk)
  return part
}

for (const [file, parse] of [
  ...readdirSync(folder)
    .filter((f) => /^go.*\.json$/.test(f))
    .map((f) => [f, (x) => x]),
  ['vitest.json', vitest],
  ['playwright.json', playwright],
]) {
  try {
    add(parse(read(file)), file.replace('.json', ''))
  } catch (e) {
    sum.failed.push(`${file}: no result (${e.message})`)
  }
}

for (const s of sum.skipped) console.log(`SKIPPED  ${s}`)
for (const f of sum.failed) console.log(`FAILED   ${f}`)
console.log(`${sum.passed} passed, ${sum.failed.length} failed`)
process.exitCode = sum.failed.length > 0 ? 1 : 0

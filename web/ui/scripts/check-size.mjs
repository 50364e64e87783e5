// Fails the build when the script of the first load (entry, shell, wall, one language)
// grows over its budget. What is imported lazily does not count.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const budget = 180 * 1024
const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
const roots = ['index.html', 'src/shell/Shell.vue', 'src/wall/WallPage.vue', 'src/i18n/zh-CN/index.ts']

const files = new Set()
function add(key) {
  const chunk = manifest[key]
  if (!chunk) throw new Error(`check-size: the build has no ${key}; correct the list in scripts/check-size.mjs`)
  if (files.has(chunk.file)) return
  files.add(chunk.file)
  for (const next of chunk.imports ?? []) add(next)
}
roots.forEach(add)

let total = 0
for (const file of files) total += gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
const kib = (n) => (n / 1024).toFixed(1)
console.log(`first load: ${kib(total)} KiB gzip of script in ${files.size} files (budget ${kib(budget)})`)
rmSync(join(dist, '.vite'), { recursive: true })
if (total > budget) {
  console.error('first load is over its budget: import what the wall does not need lazily')
  process.exit(1)
}

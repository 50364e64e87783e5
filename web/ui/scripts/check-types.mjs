// Fails when src/api/schema.d.ts is not what `npm run types` makes of web/openapi.yaml.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-types-'))
try {
  const fresh = join(folder, 'schema.d.ts')
  const run = (bin, ...args) => execFileSync(join(root, 'node_modules/.bin', bin), args, { cwd: root, stdio: 'pipe' })
  run('openapi-typescript', '../openapi.yaml', '-o', fresh)
  run('prettier', '--config', '.prettierrc.json', '--write', fresh)
  if (readFileSync(fresh, 'utf8') !== readFileSync(join(root, 'src/api/schema.d.ts'), 'utf8')) {
    console.error('src/api/schema.d.ts does not match web/openapi.yaml: run `npm run types`')
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

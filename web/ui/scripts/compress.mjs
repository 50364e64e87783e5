// Puts a .gz beside every text file of the build, so that the server never compresses.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const text = /\.(js|css|svg|json|webmanifest)$/
const small = 256 // bytes; below that the header costs more than it saves

function walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) walk(path)
    else if (text.test(name) && statSync(path).size > small && !path.includes('.vite')) {
      writeFileSync(path + '.gz', gzipSync(readFileSync(path), { level: 9 }))
    }
  }
}

walk(dist)

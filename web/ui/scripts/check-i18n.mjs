// Checks the texts of the console: every language has the same keys with the same placeholders, every key is used, and
// no text stands in a template or a script.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from '@vue/compiler-sfc'

const shown = new Set([
  'placeholder',
  'title',
  'alt',
  'label',
  'aria-label',
  'aria-description',
  'intro',
  'hint',
  'text',
])
const letters = /\p{L}{2,}/u
const cjk = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/u

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else yield path
  }
}

function flatten(tree, prefix = '', out = new Map()) {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') out.set(prefix + key, value)
    else flatten(value, `${prefix}${key}.`, out)
  }
  return out
}

/** All texts of a language, by key. The name of a file is the first part of its keys. */
export function readLanguage(folder) {
  const out = new Map()
  for (const name of readdirSync(folder).filter((n) => n.endsWith('.json'))) {
    flatten({ [name.slice(0, -5)]: JSON.parse(readFileSync(join(folder, name), 'utf8')) }, '', out)
  }
  return out
}

const placeholders = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort().join()

/** What differs between the master and another language. */
export function compare(master, other, name) {
  const wrong = []
  for (const [key, text] of master) {
    if (!other.has(key)) wrong.push(`${name} lacks ${key}`)
    else if (placeholders(text) !== placeholders(other.get(key))) wrong.push(`${name}: ${key} has other placeholders`)
    else if (other.get(key).trim() === '' || text.trim() === '') wrong.push(`${key} is empty`)
  }
  for (const key of other.keys()) if (!master.has(key)) wrong.push(`${name}: ${key} is not in the master`)
  return wrong
}

/** Bare texts of a template: what a person would read and no translation stands behind. */
export function bareTexts(source) {
  const wrong = []
  const walk = (node) => {
    if (node.type === 2 && letters.test(node.content)) wrong.push(node.content.trim())
    for (const p of node.props ?? []) {
      if (p.type === 6 && shown.has(p.name) && p.value && letters.test(p.value.content))
        wrong.push(`${p.name}="${p.value.content}"`)
    }
    for (const child of node.children ?? []) walk(child)
  }
  const { descriptor } = parse(source)
  if (descriptor.template) walk(descriptor.template.ast)
  return wrong
}

/** Is a key named in the sources, whole or by the head that a template string or tc() has? */
export function unused(keys, sources) {
  const all = sources.join('\n')
  const heads = [...all.matchAll(/`([\w.]+\.)\$\{/g), ...all.matchAll(/\btc\(\s*'([\w.]+)'/g)].map((m) =>
    m[1].replace(/\.?$/, '.'),
  )
  return [...keys].filter((k) => !all.includes(`'${k}'`) && !heads.some((h) => k.startsWith(h)))
}

function main() {
  const src = fileURLToPath(new URL('../src', import.meta.url))
  const master = readLanguage(join(src, 'i18n/zh-CN'))
  const wrong = compare(master, readLanguage(join(src, 'i18n/en')), 'en')
  const sources = []
  for (const path of files(src)) {
    if (!/\.(vue|ts)$/.test(path) || path.endsWith('.test.ts') || path.endsWith('.d.ts')) continue
    const text = readFileSync(path, 'utf8')
    const name = relative(src, path)
    sources.push(text)
    if (path.endsWith('.vue')) for (const t of bareTexts(text)) wrong.push(`${name}: text in the template: ${t}`)
    text.split('\n').forEach((line, i) => {
      if (cjk.test(line.replace(/^\s*(\/\/|\*|\/\*).*$/, '')))
        wrong.push(`${name}:${i + 1}: Chinese text in the source`)
    })
  }
  for (const key of unused(master.keys(), sources)) wrong.push(`${key} is never used`)
  for (const line of wrong) console.error(`i18n: ${line}`)
  if (wrong.length) process.exit(1)
  console.log(`i18n: ${master.size} texts in each language`)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()

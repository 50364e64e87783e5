import type { FieldProblem } from '@/api/problem'
import { t, tc, tn, type Key } from '@/i18n'
import { f } from '@/i18n/use'

/** Which field it is: the last name of its location, without places in a list. */
function nameOf(p: FieldProblem): string {
  // What is missing has no place of its own: the server names it in its words.
  const missing = p.code === 'required' && /property (\w+) to be present/.exec(p.message ?? '')?.[1]
  return missing || ((p.location ?? '').split('.').at(-1) ?? '').replace(/\[\d+\]/g, '')
}

const known = new Set([
  'required',
  'unexpected',
  'too_short',
  'too_long',
  'too_small',
  'too_big',
  'too_few',
  'too_many',
  'not_one_of',
  'format',
])

/** What is wrong with a field, in the language of the page; what only the server can say, in its words. */
export function fieldWords(p: FieldProblem): string {
  const name = nameOf(p)
  const label = name === 'body' || name === '' ? '' : tc('problem.field', name)
  const said = known.has(p.code ?? '')
    ? tn(`problem.wrong.${p.code}` as Key, p.bound ?? 0, { count: f.number(p.bound ?? 0) })
    : t('problem.wrong.wrong', { message: p.message ?? '' })
  return label ? t('common.colon', { label, value: said }) : said
}

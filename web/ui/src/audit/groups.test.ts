import { expect, test } from 'vitest'
import pages from '@/i18n/en/pages.json'
import { groups } from './groups'

test('every act that has a word can be searched by its kind', () => {
  const kinds = groups.map((g) => g.replace('.', '_'))
  expect(Object.keys(pages.audit.verbs).filter((verb) => !kinds.some((k) => verb.startsWith(k)))).toEqual([])
})

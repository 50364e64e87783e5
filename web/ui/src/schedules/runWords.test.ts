import { beforeAll, expect, it } from 'vitest'
import { useLanguage } from '@/i18n'
import { runDetail } from './runWords'

beforeAll(() => useLanguage('zh-CN'))

it('says why a run was skipped in the language of the page', () => {
  const said = [
    'left out by Li',
    'a later run took its place',
    'the schedule was changed before it ran',
    'too late by 7m30s: nothing ran when it was due',
    'more than 950 due times from 2026-11-21T00:01:00Z to 2026-11-22T00:01:00Z: too late by 24h0m0s: nothing ran when it was due',
    '12 due times from 2026-11-21T00:01:00Z to 2026-11-22T00:01:00Z: the schedule was changed before it ran',
  ].map((detail) => runDetail(detail, 'Asia/Shanghai'))
  for (const words of said) expect(words).toMatch(/^[^a-z]*(Li)?[^a-z]*$/)
  expect(said[4]).toContain('08:01:00')
  expect(runDetail('')).toBe('')
})

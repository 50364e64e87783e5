import { expect, test } from 'vitest'
import { changesOf } from './changes'

test('of two objects only what differs is told', () => {
  expect(
    changesOf({
      before: { name: 'Noon', cron: '0 12 * * *' },
      after: { name: 'Noon', cron: '0 13 * * *', paused: true },
    }),
  ).toEqual([
    { name: 'cron', before: '0 12 * * *', after: '0 13 * * *' },
    { name: 'paused', before: '–', after: 'true' },
  ])
})

test('what is new or gone as a whole is told by its members', () => {
  expect(changesOf({ after: { name: 'Noon' } })).toEqual([{ name: 'name', before: '–', after: 'Noon' }])
  expect(changesOf({ before: { name: 'Noon' } })).toEqual([{ name: 'name', before: 'Noon', after: '–' }])
})

test('plain values stand side by side, and the rest below them', () => {
  expect(changesOf({ before: 'guard', after: 'manager', note: '', sites: ['a'] })).toEqual([
    { name: '', before: 'guard', after: 'manager' },
    { name: 'note', after: '–' },
    { name: 'sites', after: '["a"]' },
  ])
  expect(changesOf({})).toEqual([])
})

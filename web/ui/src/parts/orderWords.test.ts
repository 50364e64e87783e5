import { describe, expect, it } from 'vitest'
import { useLanguage } from '@/i18n'
import { actionWord, detailWord } from './orderWords'

describe('the reasons of the server', () => {
  it('are said in the language of the page, with their times and causes', async () => {
    await useLanguage('en')
    expect(detailWord('offline since 2026-01-02T03:04:05.000Z, keep-alive')).toMatch(
      /^offline since .*02\/01\/2026.*silent/,
    )
    expect(detailWord('no answer by the deadline; the connection ended: connection lost')).toBe(
      'no answer by the deadline; the connection ended: network connection lost',
    )
    expect(detailWord('too late by 1h5m0s: nothing ran when it was due')).toMatch(/^too late by 1 hr/)
    await useLanguage('zh-CN')
    for (const detail of [
      'offline since 2026-01-02T03:04:05.000Z, keep-alive',
      'never connected',
      'no answer by the deadline',
      'no effect was reported in time',
      'the server restarted while it was open',
      'never sent: it was not known to be recorded',
      'the deadline passed before it was recorded',
      'the deadline passed before it could be sent',
      'whoever ordered it lost the right to',
      'the device has no command key',
      'no live connection',
      'blocked',
      'replayed',
      'bad_arguments',
      'not_moving',
      'cancelled by Wang',
      'its order to many was stopped',
      'sent before it was recorded',
      'take-over',
    ]) {
      expect(detailWord(detail), detail).toMatch(/\p{Script=Han}/u)
    }
    expect(detailWord('something new')).toBe('something new')
    await useLanguage('en')
  })

  it('name a pass with its direction', () => {
    expect(actionWord('pass', { direction: 'in' })).toBe('Let one in')
    expect(actionWord('open', {})).toBe('Open')
  })
})

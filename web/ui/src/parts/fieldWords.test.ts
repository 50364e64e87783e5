import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '@/i18n'
import { fieldWords } from './fieldWords'

describe('a wrong field', () => {
  afterEach(() => useLanguage('en'))

  it('is said in the language of the page, by its code', async () => {
    const short = { location: 'body.reason', code: 'too_short', bound: 1, message: 'expected length >= 1' }
    expect(fieldWords(short)).toBe('Reason: at least 1 character')
    expect(fieldWords({ ...short, bound: 12 })).toBe('Reason: at least 12 characters')
    await useLanguage('zh-CN')
    expect(fieldWords(short)).toBe('原因：至少 1 个字')
    expect(
      fieldWords({ location: 'body.sites[3].zone', code: 'not_one_of', message: 'expected value to be one of …' }),
    ).toBe('区域：不是可选的值')
    expect(
      fieldWords({ location: 'body', code: 'required', message: 'expected required property until to be present' }),
    ).toBe('到期时间：必须填写')
  })

  it('keeps the words of the server where only they say what would be right', async () => {
    const until = { location: 'body.until', code: 'wrong', message: 'must be a time within the next 7 days' }
    expect(fieldWords(until)).toBe('Until: must be a time within the next 7 days')
    await useLanguage('zh-CN')
    expect(fieldWords(until)).toBe('到期时间：不正确（must be a time within the next 7 days）')
    expect(fieldWords({ location: 'query.strange', message: 'x' })).toBe('strange：不正确（x）')
  })
})

import { describe, expect, it } from 'vitest'
import { share } from '@/i18n/format'
import { dayIn, plusDays } from './days'

describe('days of statistics', () => {
  it('are those of the site', () => {
    const at = Date.UTC(2026, 10, 21, 20)
    expect(dayIn('Asia/Shanghai', at)).toBe('2026-11-22')
    expect(dayIn('Europe/London', at)).toBe('2026-11-21')
  })
  it('are counted over the ends of months and years', () => {
    expect(plusDays('2026-03-01', -1)).toBe('2026-02-28')
    expect(plusDays('2026-12-31', 1)).toBe('2027-01-01')
  })
})

describe('a share', () => {
  it('is never rounded up to all', () => {
    expect(share('en', 0.99999)).toBe('99.99%')
    expect(share('en', 1)).toBe('100%')
    expect(share('zh-CN', 0.5)).toBe('50%')
  })
})

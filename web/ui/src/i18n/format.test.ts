import { describe, expect, it } from 'vitest'
import * as f from './format'
import { browserLanguage } from './index'
import { dayStart } from './zoned'

const plain = (s: string) => s.replace(/[\u00a0\u202f]/g, ' ')

describe('formats', () => {
  it('show money from whole minor units with the digits of the currency', () => {
    expect(plain(f.money('zh-CN', 128550, 'CNY'))).toBe('¥1,285.50')
    expect(plain(f.money('en', 128550, 'CNY'))).toBe('CNY 1,285.50')
    expect(plain(f.money('en', 500, 'JPY'))).toBe('JPY 500')
    expect(plain(f.money('en', -5, 'EUR'))).toBe('-EUR 0.05')
    expect(f.money('en', 500, '?')).toBe('500 ?')
  })

  it('show times in 24 hours, in the time zone of the site', () => {
    const at = '2026-03-01T16:05:09.120Z'
    expect(f.dateTime('zh-CN', at, 'Asia/Shanghai')).toBe('2026/03/02 00:05:09')
    expect(f.dateTime('en', at, 'Europe/Berlin')).toBe('01/03/2026, 17:05:09')
    expect(f.clockMs('en', at, 'UTC')).toBe('16:05:09.120')
  })

  it('show a span in its largest unit and never less than nothing', () => {
    expect(f.span('en', -5000)).toBe('0 sec')
    expect(f.span('en', 59_999)).toBe('59 sec')
    expect(f.span('en', 3 * 3_600_000)).toBe('3 hr')
    expect(f.span('zh-CN', 2 * 86_400_000)).toBe('2天')
  })

  it('show a size in its largest unit', () => {
    expect(plain(f.bytes('en', 0))).toBe('0 B')
    expect(plain(f.bytes('en', 999))).toBe('999 B')
    expect(plain(f.bytes('zh-CN', 47))).toBe('47 B')
    expect(plain(f.bytes('en', 2_149))).toBe('2.1 kB')
    expect(plain(f.bytes('zh-CN', 16_000_000))).toBe('16 MB')
    expect(plain(f.bytes('en', 3e9))).toBe('3 GB')
  })

  it('start the week on Monday', () => {
    expect(f.weekday('en', 1)).toBe('Mon')
    expect(f.weekday('en', 7)).toBe('Sun')
  })
})

describe('days of a site', () => {
  it('begin at its own midnight, on days of clock changes too', () => {
    expect(dayStart('2026-11-21', 'Asia/Shanghai')).toBe('2026-11-20T16:00:00.000Z')
    expect(dayStart('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z')
    expect(dayStart('2026-03-29', 'Europe/Berlin', 1)).toBe('2026-03-29T22:00:00.000Z')
    expect(dayStart('', 'UTC')).toBe('')
  })
})

describe('the first language', () => {
  it('is Chinese for Chinese speakers, English for others, Chinese when nothing is known', () => {
    expect(browserLanguage(['zh-TW', 'en'])).toBe('zh-CN')
    expect(browserLanguage(['de', 'en-US'])).toBe('en')
    expect(browserLanguage(['de'])).toBe('en')
    expect(browserLanguage([])).toBe('zh-CN')
  })
})

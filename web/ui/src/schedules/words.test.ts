import { beforeAll, describe, expect, it } from 'vitest'
import { useLanguage } from '@/i18n'
import { cronWords, loadWords } from './words'

beforeAll(loadWords)

/** Lines of every form that the server takes. */
const valid = [
  '* * * * *',
  '*/5 * * * *',
  '5/15 7 * * *',
  '30 7 * * MON-FRI',
  '30 7 * * mon,wed,FRI',
  '0 7,18 * * 1-5',
  '0 8-18/2 * * *',
  '0 0 1 * *',
  '15 12 1,15 1-6 *',
  '0 0 29 2 *',
  '0 7 1 JAN ?',
  '0 7 ? * 0',
  '0 7 1 * 1',
  '*/10 7-9 * * 0,6',
  '@hourly',
  '@daily',
  '@midnight',
  '@weekly',
  '@monthly',
  '@yearly',
  '@annually',
  '@Daily',
]

describe('a cron line in words', () => {
  it('is said in both languages, whatever its form', async () => {
    await useLanguage('en')
    const english = valid.map((line) => cronWords(line))
    await useLanguage('zh-CN')
    valid.forEach((line, i) => {
      expect(english[i], line).toMatch(/^[ -~]+$/)
      expect(cronWords(line), line).toMatch(/[\u4e00-\u9fff]/)
    })
  })

  it('is nothing if it is no line', () => {
    for (const line of ['', ' ', 'noon', '61 * * * *', '* * * *']) expect(cronWords(line), line).toBe('')
  })
})

import { describe, expect, it } from 'vitest'
import { device } from '@/test/things'
import { drifts, tone, valueWords } from './words'

const pulse = { name: 'pulse', options: [], unit: 'ms' as const }
const form = { name: 'form', options: ['barrier', 'door'], unit: '' as const }

describe('a configuration in words', () => {
  it('shows numbers with their unit, words in the language, and strange values as they are', () => {
    expect(valueWords(pulse, '500')).toBe('500 ms')
    expect(valueWords(form, 'door')).not.toBe('door')
    expect(valueWords(form, 'portcullis')).toBe('portcullis')
    expect(valueWords(form, '')).toBe('')
  })

  it('drifts only when the server says so', () => {
    for (const status of ['', 'applied', 'pending', 'unreported', 'unknown'] as const) {
      expect(drifts(device({ config: { revision: 2, reported: 1, status } }))).toBe(false)
      expect(tone(status)).not.toBe('bad')
    }
    expect(drifts(device({ config: { revision: 2, reported: 2, status: 'drifting' } }))).toBe(true)
    expect(tone('drifting')).toBe('bad')
  })
})

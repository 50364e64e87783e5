import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useLanguage } from '@/i18n'
import { sites, zones } from '@/live/state'
import { copyOf, isPart, noLimit, scopeWords } from './scope'

describe('where and when rights hold', () => {
  beforeEach(async () => {
    await useLanguage('en')
    sites.value = [{ id: 's1', name: 'Harbour', timeZone: 'Europe/London', revision: 1 }]
    zones.value = [{ id: 'z1', site: 's2', name: 'Garage' }]
  })
  afterEach(() => {
    sites.value = []
    zones.value = []
  })

  test('no place is the whole property, and said so', () => {
    expect(isPart(noLimit())).toBe(false)
    expect(scopeWords(noLimit())).toBe('The whole property')
  })

  test('places and hours are told by their names', () => {
    const scope = { sites: ['s1'], zones: ['z1'], hours: [{ days: ['monday' as const], from: '22:00', to: '06:00' }] }
    expect(isPart(scope)).toBe(true)
    expect(scopeWords(scope)).toMatch(/^Harbour, Garage · Mon\w* 22:00–06:00$/)
  })

  test('what is changed in a copy is not changed in what it was made of', () => {
    const scope = { sites: ['s1'], zones: [], hours: [{ days: ['monday' as const], from: '08:00', to: '09:00' }] }
    const copy = copyOf(scope)
    copy.sites!.push('s2')
    copy.hours![0]!.days!.length = 0
    expect(scope).toEqual({ sites: ['s1'], zones: [], hours: [{ days: ['monday'], from: '08:00', to: '09:00' }] })
  })
})

import { describe, expect, it } from 'vitest'
import { i18n, t } from '@/i18n'
import { fields, fieldWord, valueWord } from './words'

describe('a change of state in words', () => {
  it('names every field that can be looked for', () => {
    i18n.global.locale.value = 'en'
    for (const field of fields) expect(fieldWord(field)).not.toBe(field)
  })

  it('says values in the language, and strange ones as they came', () => {
    i18n.global.locale.value = 'en'
    expect(valueWord('physical', 'open')).toBe('Open')
    expect(valueWord('mode.in', 'held_open')).toBe('Held open')
    expect(valueWord('fault', 'E7')).toBe('E7')
    expect(valueWord('fault', '')).toBe(t('common.none'))
    expect(valueWord('tamper', 'true')).toBe('Yes')
    expect(valueWord('settings.fail', 'safe')).toBe('Opens (fail-safe)')
    expect(valueWord('settings.pulse', '500')).toBe('500')
    expect(valueWord('heartbeat', '1m0s')).toBe('60 s')
    expect(fieldWord('settings.volume')).toBe('Setting volume')
  })
})

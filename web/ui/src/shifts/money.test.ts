import { describe, expect, it } from 'vitest'
import { minorUnits } from './money'

describe('an amount that somebody types', () => {
  it('is minor units of its currency, whatever its fraction', () => {
    expect(minorUnits('12.5', 'CNY')).toBe(1250)
    expect(minorUnits(' 1 200,05 ', 'CNY')).toBe(120005)
    expect(minorUnits('0', 'CNY')).toBe(0)
    expect(minorUnits('0.29', 'CNY')).toBe(29)
    expect(minorUnits('500', 'JPY')).toBe(500)
    expect(minorUnits('1.005', 'KWD')).toBe(1005)
  })

  it('is none if it is not one', () => {
    for (const text of ['', '.', '-5', '1.005', '1e3', 'ten', '1.2.3', '9'.repeat(13)]) {
      expect(minorUnits(text, 'CNY'), text).toBeUndefined()
    }
    expect(minorUnits('1.5', 'JPY')).toBeUndefined()
  })
})

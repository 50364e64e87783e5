import { describe, expect, it } from 'vitest'
import { digits } from './pin'

describe('what is typed as a PIN', () => {
  it('is its digits, however they were typed', () => {
    expect(digits('27-19 38')).toBe('271938')
    expect(digits('２７１９３８')).toBe('271938')
    expect(digits('abc')).toBe('')
  })

  it('ends with the sixth', () => {
    expect(digits('2719380')).toBe('271938')
  })
})

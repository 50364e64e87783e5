import { describe, expect, it } from 'vitest'
import { expiry, over } from './expiry'

const noon = Date.parse('2026-11-21T12:00:00Z')

describe('the time of a token', () => {
  it('ends after whole days', () => {
    expect(expiry(30, noon)).toBe('2026-12-21T12:00:00.000Z')
    expect(expiry(365, noon)).toBe('2027-11-21T12:00:00.000Z')
  })

  it('is over at its end, and not an instant before', () => {
    expect(over({ expires: '2026-11-21T12:00:00Z' }, noon)).toBe(true)
    expect(over({ expires: '2026-11-21T12:00:00.001Z' }, noon)).toBe(false)
  })
})

import { expect, it } from 'vitest'
import { goDuration } from './goDuration'

it('reads spans as the server writes them, and nothing else', () => {
  expect(goDuration('1h2m3s')).toBe(3_723_000)
  expect(goDuration('1m0s')).toBe(60_000)
  expect(goDuration('-12s')).toBe(-12_000)
  expect(goDuration('1.5s')).toBe(1_500)
  for (const other of ['', '-', '12', 'E7', '5m later']) expect(goDuration(other)).toBeUndefined()
})

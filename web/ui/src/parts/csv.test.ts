import { describe, expect, it } from 'vitest'
import { csvOf } from './csv'

describe('a table as a file', () => {
  it('keeps every letter, and no cell of it is a formula', () => {
    expect(
      csvOf([
        ['a', 1, -2.5],
        ['东门, "1"', 'two\nlines', ''],
      ]),
    ).toBe('\uFEFFa,1,-2.5\r\n"东门, ""1""","two\nlines",\r\n')
    expect(csvOf([['=1+1', ' @x', '-1', '+1']])).toBe(`\uFEFF"'=1+1","' @x","'-1","'+1"\r\n`)
  })
})

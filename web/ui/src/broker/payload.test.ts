import { describe, expect, it } from 'vitest'
import { preview, readable, type Shown } from './payload'

const text = (payload: string, truncated = false): Shown => ({ payload, encoding: 'text', truncated })
const bytes = (...b: number[]): Shown => ({
  payload: btoa(String.fromCharCode(...b)),
  encoding: 'base64',
  truncated: false,
})

describe('a payload', () => {
  it('is read as JSON with its lines, as text, or as bytes', () => {
    expect(readable(text('{"a":1}'))).toBe('{\n  "a": 1\n}')
    expect(readable(text('{"a":1'))).toBe('{"a":1')
    expect(readable(text('{"a":1}', true))).toBe('{"a":1}')
    expect(readable(text('open'))).toBe('open')
    expect(readable(text('12345678901234567890'))).toBe('12345678901234567890')
    expect(readable(bytes(0xff, 0))).toBe('000000  ff 00')
  })

  it('is previewed in one line, cut between characters', () => {
    expect(preview(text('a\n  b'))).toBe('a b')
    expect(preview(text(''))).toBe('')
    expect(preview(text('闸', true))).toBe('闸…')
    expect([...preview(text('😀'.repeat(200)))]).toHaveLength(81)
    expect(preview(bytes(0xff, 0x01))).toBe('ff 01')
    expect(preview(bytes(...Array<number>(30).fill(0xfe)))).toMatch(/^fe( fe){23}…$/)
  })
})

import { describe, expect, it } from 'vitest'
import { segmentsOf, shareOf } from './strip'

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString()
const ms = (hour: number) => Date.parse(at(hour))
const span = (up: number, down: number | null, cause = '') => ({
  up: at(up),
  down: down === null ? null : at(down),
  cause,
  remote: '',
  missed: 0,
})
const short = (list: ReturnType<typeof segmentsOf>) =>
  list.map((s) => `${s.kind} ${new Date(s.from).getUTCHours()}-${new Date(s.to).getUTCHours()} ${s.cause}`.trim())

describe('the strip of a device', () => {
  it('is the whole time in order, with why it was offline', () => {
    const told = { spans: [span(9, null), span(3, 7, 'keep_alive'), span(0, 2, 'kicked')], unknown: [], more: false }
    expect(short(segmentsOf(told, ms(1), ms(12)))).toEqual([
      'up 1-2',
      'down 2-3 kicked',
      'up 3-7',
      'down 7-9 keep_alive',
      'up 9-12',
    ])
  })

  it('knows why a device is offline that went before its beginning', () => {
    const told = { spans: [span(0, 2, 'kicked')], unknown: [], more: false }
    expect(short(segmentsOf(told, ms(3), ms(5)))).toEqual(['down 3-5 kicked'])
  })

  it('says that it does not know where nobody does', () => {
    const told = { spans: [span(6, 8, 'shutdown')], unknown: [{ from: at(8), to: at(10) }], more: true }
    expect(short(segmentsOf(told, ms(1), ms(12)))).toEqual([
      'unknown 1-6',
      'up 6-8',
      'unknown 8-10',
      'down 10-12 shutdown',
    ])
  })

  it('takes a device as offline that was never there, and has no share of no time', () => {
    const told = { spans: [], unknown: [], more: false }
    expect(short(segmentsOf(told, ms(1), ms(2)))).toEqual(['down 1-2'])
    expect(shareOf(segmentsOf(told, ms(1), ms(2)))).toBe(0)
    expect(shareOf([])).toBeNull()
    expect(shareOf(segmentsOf({ ...told, unknown: [{ from: at(1), to: at(2) }] }, ms(1), ms(2)))).toBeNull()
  })
})

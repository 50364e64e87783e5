import { describe, expect, it } from 'vitest'
import { command } from '@/test/things'
import { isChosen, mergedOrders } from './history'

describe('the orders of a device', () => {
  it('are each there once, as last told, the newest first', () => {
    const told = [command({ id: 'a', revision: 2, step: 'sent' }), command({ id: 'b', issued: '2025-12-31T00:00:00Z' })]
    const fresh = [
      command({ id: 'a', revision: 3, step: 'done' }),
      command({ id: 'c', issued: '2026-01-02T00:00:00Z' }),
    ]
    expect(mergedOrders(told, fresh).map((c) => `${c.id} ${c.step}`)).toEqual(['c accepted', 'a done', 'b accepted'])
  })

  it('are chosen by action, by whom and by time, the end of the time not with it', () => {
    const c = command()
    const any = { action: '', by: '' }
    expect(isChosen(c, any)).toBe(true)
    expect(isChosen(c, { ...any, action: 'close' })).toBe(false)
    expect(isChosen(c, { ...any, by: 'schedule' })).toBe(false)
    expect(isChosen(c, { ...any, by: 'operator', from: c.issued })).toBe(true)
    expect(isChosen(c, { ...any, before: c.issued })).toBe(false)
    expect(isChosen(c, { ...any, from: '2026-01-01T00:00:01.000Z' })).toBe(false)
  })
})

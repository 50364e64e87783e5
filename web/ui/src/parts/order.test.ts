import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import { command } from '@/test/things'
import { idle, learned, mayPress, press, refusedBy, type Order } from './order'

let n = 0
const key = () => `key-${++n}`
const sent = (at = 0): Order => press(idle, at, key)

describe('a command button', () => {
  it('claims nothing before the server answered', () => {
    expect(sent().phase).toBe('sending')
    expect(learned(sent(), command()).phase).toBe('waiting')
    expect(learned(sent(), command({ step: 'confirmed', ended: true })).phase).toBe('ended')
  })

  it('ignores a press while an order is under way, and within two seconds', () => {
    expect(mayPress(idle, 0)).toBe(true)
    expect(mayPress(sent(0), 60_000)).toBe(false)
    expect(mayPress(learned(sent(0), command()), 60_000)).toBe(false)
    const failed = learned(sent(0), command({ step: 'failed', ended: true }))
    expect(mayPress(failed, 1_999)).toBe(false)
    expect(mayPress(failed, 2_000)).toBe(true)
  })

  it('follows its own command to the end and no other', () => {
    let o = learned(sent(), command({ revision: 1 }))
    o = learned(o, command({ id: 'other', revision: 9, ended: true }))
    expect(o.phase).toBe('waiting')
    o = learned(o, command({ revision: 3, step: 'done' }))
    o = learned(o, command({ revision: 2, step: 'delivered' }))
    expect(o.phase === 'waiting' && o.command.step).toBe('done')
    expect(learned(o, command({ revision: 4, step: 'confirmed', ended: true })).phase).toBe('ended')
  })

  it('keeps the reason when the server said no', () => {
    const o = refusedBy(sent(), new Problem('forbidden', '', 403))
    expect(o.phase === 'refused' && o.problem.code).toBe('forbidden')
  })

  it('asks with the same key after no answer, so that nothing opens twice', () => {
    const first = sent(0)
    const unclear = refusedBy(first, new Problem('unreachable'))
    expect(unclear.phase).toBe('unclear')
    const again = press(unclear, 5_000, key)
    expect(first.phase === 'sending' && again.phase === 'sending' && again.key === first.key).toBe(true)
  })

  it('makes a new order of a press that comes much later', () => {
    const first = sent(0)
    const later = press(refusedBy(first, new Problem('unreachable')), 60_000, key)
    expect(first.phase === 'sending' && later.phase === 'sending' && later.key !== first.key).toBe(true)
  })
})

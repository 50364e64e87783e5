import { describe, expect, it } from 'vitest'
import { command } from '@/test/things'
import { tripOf } from './trip'

const rung = (step: string, ms: number) => ({
  step,
  at: new Date(Date.UTC(2026, 0, 1) + ms).toISOString(),
  detail: '',
})

describe('the round trip of an order', () => {
  it('is from sent to the answer, and from the order to the report that shows it', () => {
    const rungs = [rung('accepted', 0), rung('sent', 4), rung('delivered', 9), rung('done', 30), rung('confirmed', 61)]
    expect(tripOf(command({ rungs }))).toEqual({ answer: 26, report: 61 })
  })

  it('is not known while a step is missing', () => {
    expect(tripOf(command({ rungs: [rung('accepted', 0), rung('sent', 4)] }))).toEqual({ answer: null, report: null })
    expect(tripOf(command({ rungs: undefined }))).toEqual({ answer: null, report: null })
  })
})

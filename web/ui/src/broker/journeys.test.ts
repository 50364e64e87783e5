import { expect, it } from 'vitest'
import type { TraceStep } from '@/api/types'
import { journeys } from './journeys'

const step = (message: number, step: string, client = ''): TraceStep => ({
  at: '2026-11-21T12:00:00Z',
  message,
  step,
  from: 'sender',
  client,
  topic: `t/${message}`,
  qos: 1,
  size: 4,
  receivers: 0,
  reason: '',
})

it('the steps of a message stand together in their order, the newest message first', () => {
  const events = [
    step(7, 'received'),
    step(8, 'received'),
    step(7, 'queued', 'a'),
    step(7, 'queued', 'b'),
    step(8, 'dropped', 'a'),
    step(7, 'sent', 'b'),
  ]
  const found = journeys(events)
  expect(found.map((j) => [j.message, j.topic, ...j.steps.map((s) => s.step + s.client)])).toEqual([
    [8, 't/8', 'received', 'droppeda'],
    [7, 't/7', 'received', 'queueda', 'queuedb', 'sentb'],
  ])
  expect(journeys([])).toEqual([])
})

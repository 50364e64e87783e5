import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { QueryClient, QueryObserver } from '@tanstack/vue-query'
import type { Me } from '@/api/types'
import { me } from '@/session/session'
import { Poll, pollEvery, pollWhileTouched } from './poll'

describe('Poll', () => {
  let asked = 0
  let poll: Poll
  beforeEach(() => {
    vi.useFakeTimers()
    asked = 0
    poll = new Poll(() => asked++)
    poll.start()
  })
  afterEach(() => {
    poll.stop()
    me.value = undefined
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('asks again and again, and ends', () => {
    vi.advanceTimersByTime(3 * pollEvery)
    expect(asked).toBe(3)
    poll.stop()
    vi.advanceTimersByTime(3 * pollEvery)
    expect(asked).toBe(3)
  })

  it('does not ask while the page is hidden', () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    vi.advanceTimersByTime(3 * pollEvery)
    expect(asked).toBe(0)
  })

  it('asks for a guard as long as he looks, touched or not', () => {
    me.value = { role: 'guard' } as Me
    vi.advanceTimersByTime(2 * pollWhileTouched)
    expect(asked).toBe((2 * pollWhileTouched) / pollEvery)
  })

  it('shows that the server has gone silent, although asking takes longer than the time between', async () => {
    let down = false
    const client = new QueryClient({ defaultOptions: { queries: { retry: 2, retryDelay: 2_000 } } })
    const query = new QueryObserver(client, {
      queryKey: ['x'],
      queryFn: () => (down ? Promise.reject(new Error('away')) : Promise.resolve(1)),
    })
    const end = query.subscribe(() => undefined)
    await vi.advanceTimersByTimeAsync(0)
    const asking = new Poll(() => query.refetch({ cancelRefetch: false }))
    asking.start()
    down = true
    await vi.advanceTimersByTimeAsync(4 * pollEvery)
    expect(query.getCurrentResult().error?.message).toBe('away')
    asking.stop()
    end()
  })

  it('stops when an administrator does not touch the page, and goes on when he does', () => {
    me.value = { role: 'administrator' } as Me
    vi.advanceTimersByTime(pollWhileTouched + pollEvery)
    const before = asked
    vi.advanceTimersByTime(10 * pollEvery)
    expect(asked).toBe(before)
    dispatchEvent(new KeyboardEvent('keydown'))
    vi.advanceTimersByTime(pollEvery)
    expect(asked).toBe(before + 1)
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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

  it('stops when nobody touches the page, and goes on when somebody does', () => {
    vi.advanceTimersByTime(pollWhileTouched + pollEvery)
    const before = asked
    vi.advanceTimersByTime(10 * pollEvery)
    expect(asked).toBe(before)
    dispatchEvent(new KeyboardEvent('keydown'))
    vi.advanceTimersByTime(pollEvery)
    expect(asked).toBe(before + 1)
  })
})

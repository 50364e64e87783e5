import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import type { Me } from '@/api/types'
import { me } from '@/session/session'
import { useFollow } from './follow'
import { pollEvery, pollWhileTouched } from './poll'

describe('useFollow', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    me.value = undefined
    vi.useRealTimers()
  })

  const news = ref(0)
  const on = ref(true)
  function followed() {
    const asked = vi.fn()
    const page = mount({
      setup: () => useFollow(news, asked, () => on.value),
      render: () => null,
    })
    return { asked, page }
  }
  async function comes(): Promise<void> {
    news.value++
    await nextTick()
  }

  it('asks once for much news, and not at all for none', async () => {
    const { asked, page } = followed()
    vi.advanceTimersByTime(3 * pollEvery)
    expect(asked).not.toHaveBeenCalled()
    for (let i = 0; i < 100; i++) await comes()
    vi.advanceTimersByTime(3 * pollEvery)
    expect(asked.mock.calls).toEqual([[{ cancelRefetch: true }]])
    page.unmount()
    await comes()
    vi.advanceTimersByTime(3 * pollEvery)
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('asks when it may again for what came while it might not', async () => {
    const { asked, page } = followed()
    on.value = false
    await comes()
    vi.advanceTimersByTime(3 * pollEvery)
    expect(asked).not.toHaveBeenCalled()
    on.value = true
    vi.advanceTimersByTime(pollEvery)
    expect(asked).toHaveBeenCalledTimes(1)
    page.unmount()
  })

  it('never cancels its own asking, and asks for what came meanwhile', async () => {
    const { asked, page } = followed()
    let answer = (): void => {}
    asked.mockImplementation(() => new Promise<void>((done) => (answer = done)))
    await comes()
    await vi.advanceTimersByTimeAsync(pollEvery)
    await comes()
    await vi.advanceTimersByTimeAsync(3 * pollEvery)
    expect(asked).toHaveBeenCalledTimes(1)
    answer()
    await vi.advanceTimersByTimeAsync(pollEvery)
    expect(asked).toHaveBeenCalledTimes(2)
    page.unmount()
  })

  it('keeps no session of an administrator who left', async () => {
    me.value = { role: 'administrator' } as Me
    const { asked, page } = followed()
    vi.advanceTimersByTime(pollWhileTouched)
    await comes()
    vi.advanceTimersByTime(pollEvery)
    expect(asked).not.toHaveBeenCalled()
    page.unmount()
  })
})

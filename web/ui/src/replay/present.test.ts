import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import { devices, forget, paint } from '@/live/state'
import { device, snapshot } from '@/test/things'
import { followEvery, unaskedEvery, usePresent } from './present'
import { around, upTo, type Window } from './window'

const now = Date.UTC(2026, 10, 26, 12)
const minute = 60_000
let page: ReturnType<typeof follow> | undefined

beforeEach(() => {
  vi.useFakeTimers({ now })
  paint(snapshot({ devices: [device()] }), true)
})
afterEach(() => {
  page?.unmount()
  page = undefined
  forget()
  vi.useRealTimers()
})

const window = ref<Window>({ from: 0, to: 1 })
const readAt = ref(0)
const asked = vi.fn(() => (readAt.value = Date.now()))
let state: ReturnType<typeof usePresent>
function follow(w: Window, of = '') {
  window.value = w
  readAt.value = now
  asked.mockClear()
  return mount({ setup: () => void (state = usePresent(window, ref(of), readAt, asked)), render: () => null })
}
async function comes(revision: number, id = 'g1'): Promise<void> {
  devices.merge(device({ id, revision }))
  await nextTick()
}

it('without a moment a replay ends a little after now, however long it is', () => {
  for (const span of ['1m', '5m', '1h', '24h'] as const) {
    const w = around(upTo(now, span), span)
    expect(w.to).toBeGreaterThan(now)
    expect(w.to - now).toBeLessThanOrEqual(5 * minute)
    expect(now - w.from).toBeGreaterThanOrEqual((w.to - w.from) * 0.75)
  }
})

it('a replay whose end is to come is read again with news, not oftener than every few seconds', async () => {
  page = follow({ from: now - minute, to: now + minute })
  expect(state.following.value).toBe(true)
  vi.advanceTimersByTime(2 * followEvery)
  expect(asked).not.toHaveBeenCalled()
  for (let i = 1; i < 50; i++) await comes(100 + i)
  vi.advanceTimersByTime(2 * followEvery)
  expect(asked).toHaveBeenCalledTimes(1)
  expect(state.asOf.value).toBe(now + 3 * followEvery)
})

it('that of one device is not read again because of another one', async () => {
  page = follow({ from: now - minute, to: now + minute }, 'g1')
  await comes(100, 'g2')
  vi.advanceTimersByTime(followEvery)
  expect(asked).not.toHaveBeenCalled()
  await comes(101, 'g1')
  vi.advanceTimersByTime(followEvery)
  expect(asked).toHaveBeenCalledTimes(1)
})

it('it is read once more when its end has come, and not again', async () => {
  page = follow({ from: now - minute, to: now + minute })
  await vi.advanceTimersByTimeAsync(minute + unaskedEvery)
  expect(state.following.value).toBe(false)
  const times = asked.mock.calls.length
  await comes(100)
  await vi.advanceTimersByTimeAsync(5 * minute)
  expect(asked).toHaveBeenCalledTimes(times)
})

it('one of the past, and one that is all to come, are left alone', async () => {
  for (const w of [
    { from: now - 2 * minute, to: now - minute },
    { from: now + minute, to: now + 2 * minute },
  ]) {
    const one = follow(w)
    await comes(Date.now())
    await vi.advanceTimersByTimeAsync(unaskedEvery)
    expect(asked).not.toHaveBeenCalled()
    one.unmount()
  }
})

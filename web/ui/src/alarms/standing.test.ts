import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { settles, useStanding } from './standing'

describe('what comes over a page', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const source = ref<{ id: string }>()
  const put = async (id?: string) => {
    source.value = id ? { id } : undefined
    await nextTick()
  }

  it('may be pressed only once it has stood for a moment, also when another stands in its place', async () => {
    const scope = effectScope()
    const { shown, standing } = scope.run(() => useStanding(() => source.value))!
    expect(standing.value).toBe('gone')
    await put('a')
    expect([shown.value?.id, standing.value]).toEqual(['a', 'arriving'])
    vi.advanceTimersByTime(settles - 1)
    expect(standing.value).toBe('arriving')
    vi.advanceTimersByTime(1)
    expect(standing.value).toBe('ready')
    await put('a') // the same, told anew
    expect(standing.value).toBe('ready')
    await put('b')
    expect([shown.value?.id, standing.value]).toEqual(['b', 'changed'])
    vi.advanceTimersByTime(settles)
    expect(standing.value).toBe('ready')
    scope.stop()
  })

  it('stays for a moment when it goes, so that the second press of a double press hits nothing under it', async () => {
    await put('a')
    const scope = effectScope()
    const { shown, standing } = scope.run(() => useStanding(() => source.value))!
    vi.advanceTimersByTime(settles)
    await put(undefined)
    expect([shown.value?.id, standing.value]).toEqual(['a', 'leaving'])
    await put('b')
    expect([shown.value?.id, standing.value]).toEqual(['b', 'changed'])
    await put(undefined)
    vi.advanceTimersByTime(settles)
    expect([shown.value, standing.value]).toEqual([undefined, 'gone'])
    scope.stop()
  })
})

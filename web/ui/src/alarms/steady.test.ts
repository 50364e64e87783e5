import { describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import { heldFor, useHeld, useSteady } from './steady'

interface Row {
  id: string
  word: string
}
const list = (...ids: string[]): Row[] => ids.map((id) => ({ id, word: 'new' }))

describe('a list that somebody points at', () => {
  it('neither moves nor takes in nor loses a row, and each row says what it is now', async () => {
    const rows = shallowRef(list('a', 'b'))
    const held = ref(false)
    const latest = new Map<string, Row>()
    const scope = effectScope()
    const s = scope.run(() =>
      useSteady(
        () => rows.value,
        held,
        (id) => latest.get(id),
      ),
    )!
    const ids = () => s.shown.value.map((r) => r.id).join('')
    expect(ids()).toBe('ab')

    held.value = true
    rows.value = [{ id: 'c', word: 'new' }, { id: 'b', word: 'seen' }, ...list('a')]
    await nextTick()
    expect(ids()).toBe('ab')
    expect(s.shown.value[1]!.word).toBe('seen')
    expect(s.waiting.value).toBe(1)

    rows.value = list('c')
    await nextTick()
    expect(ids()).toBe('ab')
    expect([s.gone('a'), s.gone('b'), s.gone('c')]).toEqual([true, true, false])
    latest.set('a', { id: 'a', word: 'over' })
    rows.value = list('c', 'd')
    await nextTick()
    expect(s.shown.value.map((r) => r.word)).toEqual(['over', 'seen'])
    expect(s.waiting.value).toBe(2)

    held.value = false
    await nextTick()
    expect(ids()).toBe('cd')
    expect(s.waiting.value).toBe(0)
    scope.stop()
  })

  it('shows what waits when somebody asks for it', async () => {
    const rows = shallowRef(list('a'))
    const scope = effectScope()
    const s = scope.run(() =>
      useSteady(
        () => rows.value,
        ref(true),
        () => undefined,
      ),
    )!
    s.settle()
    rows.value = list('b', 'a')
    await nextTick()
    expect(s.waiting.value).toBe(1)
    s.settle()
    expect(s.shown.value.map((r) => r.id)).toEqual(['b', 'a'])
    scope.stop()
  })

  it('is held while a mouse is over it, and for a while after a touch or a key', () => {
    vi.useFakeTimers()
    const scope = effectScope()
    const { held, listeners } = scope.run(useHeld)!
    listeners.pointerenter({ pointerType: 'mouse' } as PointerEvent)
    expect(held.value).toBe(true)
    listeners.pointerleave()
    expect(held.value).toBe(false)
    listeners.pointerenter({ pointerType: 'touch' } as PointerEvent)
    expect(held.value).toBe(false)
    listeners.pointerdown({ pointerType: 'touch' } as PointerEvent)
    vi.advanceTimersByTime(heldFor - 1)
    listeners.keydown()
    vi.advanceTimersByTime(heldFor - 1)
    expect(held.value).toBe(true)
    vi.advanceTimersByTime(1)
    expect(held.value).toBe(false)
    scope.stop()
    vi.useRealTimers()
  })
})

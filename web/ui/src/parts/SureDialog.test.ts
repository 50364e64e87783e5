import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import SureDialog from './SureDialog.vue'

// The dialog of the library brings a portal and a focus trap that this has no use for.
const ElDialog = defineComponent({
  setup:
    (_, { slots }) =>
    () =>
      h('div', [slots.default?.(), slots.footer?.()]),
})

function open(reason = 'drill') {
  const run = vi.fn<(reason: string) => Promise<void>>(async () => undefined)
  const w = mount(SureDialog, {
    props: {
      modelValue: true,
      title: 'Lock down',
      text: 'All close.',
      word: 'North',
      submit: 'Lock',
      run,
      act: 'lock_down',
    },
    global: { stubs: { ElDialog } },
    attachTo: document.body,
  })
  const [why, typed] = w.findAll('input')
  void why!.setValue(reason)
  return { w, run, typed: typed!, button: w.get('.hold') }
}

describe('SureDialog', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    document.body.replaceChildren()
  })

  it('does nothing for a mere press, and says what it wants', async () => {
    const { w, run, button } = open()
    await button.trigger('pointerdown', { button: 0 })
    await button.trigger('pointerup')
    await button.trigger('click')
    expect(run).not.toHaveBeenCalled()
    expect(w.get('[role=alert]').text()).toContain('not the name')
  })

  it('acts once when it is held for two seconds, and not for a moment less', async () => {
    const { run, button } = open()
    await button.trigger('pointerdown', { button: 0 })
    vi.advanceTimersByTime(1_950)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(100)
    await button.trigger('pointerup')
    await button.trigger('click')
    vi.advanceTimersByTime(5_000)
    expect(run.mock.calls).toEqual([['drill']])
  })

  it.each(['pointerup', 'pointerleave', 'pointercancel', 'blur'])(
    'forgets a press that ends early by %s',
    async (end) => {
      const { run, button } = open()
      await button.trigger('pointerdown', { button: 0 })
      vi.advanceTimersByTime(1_500)
      await button.trigger(end)
      await button.trigger('pointerdown', { button: 0 })
      vi.advanceTimersByTime(1_500)
      await button.trigger(end)
      expect(run).not.toHaveBeenCalled()
    },
  )

  it('is held with the keyboard too, where enter alone presses nothing', async () => {
    const { run, button } = open()
    await button.trigger('keydown', { key: 'Enter' })
    await button.trigger('keyup', { key: 'Enter' })
    expect(run).not.toHaveBeenCalled()
    await button.trigger('keydown', { key: ' ' })
    vi.advanceTimersByTime(2_050)
    await button.trigger('keyup', { key: ' ' })
    expect(run.mock.calls).toEqual([['drill']])
  })

  it('takes a press once the name is typed', async () => {
    const { run, typed, button } = open()
    await typed.setValue('North ')
    await button.trigger('click')
    expect(run.mock.calls).toEqual([['drill']])
  })

  it('sends nothing without a reason, however long it is held, and offers the usual ones', async () => {
    const { w, run, button } = open('')
    await button.trigger('pointerdown', { button: 0 })
    vi.advanceTimersByTime(2_050)
    await button.trigger('click')
    expect(run).not.toHaveBeenCalled()
    await w.get('[role=group] button').trigger('click')
    await button.trigger('pointerdown', { button: 0 })
    vi.advanceTimersByTime(2_050)
    expect(run.mock.calls).toEqual([['Intruder']])
  })
})

import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commands, forget, paint } from '@/live/state'
import { command, device, snapshot } from '@/test/things'
import { api } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import CommandButton from './CommandButton.vue'
import { dismiss } from './orders'

const settle = () => vi.advanceTimersByTimeAsync(0)

describe('CommandButton', () => {
  const send = vi.spyOn(api, 'sendCommand')
  const show = () => mount(CommandButton, { props: { device: 'g1', action: 'open' } })

  beforeEach(() => {
    vi.useFakeTimers()
    send.mockReset()
    // Asked each second while the feed is silent: no answer.
    vi.spyOn(api, 'command').mockReturnValue(new Promise(() => undefined))
  })
  afterEach(() => {
    forget()
    dismiss({ device: 'g1', action: 'open' })
    vi.useRealTimers()
  })

  it('shows how far the order is, with the seconds, and then the result of the device', async () => {
    let answer: (c: ReturnType<typeof command>) => void = () => undefined
    send.mockReturnValue(new Promise((resolve) => (answer = resolve)))
    const w = show()
    await w.get('button').trigger('click')
    expect(w.get('button').text()).toContain('Submitting')
    answer(command({ revision: 1 }))
    await settle()
    await vi.advanceTimersByTimeAsync(1_300)
    expect(w.get('button').text()).toContain('Accepted, waiting for the device 1.3 sec')
    commands.merge(command({ revision: 2, step: 'delivered' }))
    await settle()
    expect(w.get('button').text()).toContain('Delivered')
    const rungs = [{ step: 'confirmed', at: '2026-01-01T00:00:02.000Z', detail: '' }]
    commands.merge(command({ revision: 3, step: 'confirmed', ended: true, rungs }))
    await settle()
    expect(w.get('[role=status]').text()).toContain('Open: Confirmed')
    w.unmount()
  })

  it('takes an order back that is not sent after a second, and shows what the server says', async () => {
    send.mockResolvedValue(command())
    const rungs = [{ step: 'cancelled', at: '2026-01-01T00:00:02.000Z', detail: 'cancelled by Wang' }]
    const taken = vi
      .spyOn(api, 'cancelCommand')
      .mockResolvedValue(command({ revision: 2, step: 'cancelled', ended: true, rungs }))
    const w = show()
    await w.get('button').trigger('click')
    await settle()
    expect(w.find('[data-act=cancel]').exists()).toBe(false)
    await vi.advanceTimersByTimeAsync(1_100)
    await w.get('[data-act=cancel]').trigger('click')
    await settle()
    expect(taken).toHaveBeenCalledWith('c1')
    expect(w.get('[role=status]').text()).toContain('Open: Cancelled')
    expect(w.get('[role=status]').text()).toContain('by Wang')
    expect(w.find('[data-act=cancel]').exists()).toBe(false)
    w.unmount()
  })

  it('asks for a reason, and for the name, before what the server calls risky', async () => {
    paint(snapshot({ devices: [device()], risky: ['restart'] }), true)
    send.mockResolvedValue(command({ action: 'restart' }))
    const w = mount(CommandButton, { props: { device: 'g1', action: 'restart' }, attachTo: document.body })
    await w.get('button').trigger('click')
    expect(send).not.toHaveBeenCalled()
    const [reason, word] = [...document.querySelectorAll<HTMLInputElement>('dialog input, [role=dialog] input')]
    reason!.value = 'does not answer'
    reason!.dispatchEvent(new Event('input'))
    word!.value = 'Gate 1'
    word!.dispatchEvent(new Event('input'))
    await settle()
    document.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }))
    await settle()
    expect(send).toHaveBeenCalledWith('g1', expect.any(String), {
      action: 'restart',
      args: undefined,
      reason: 'does not answer',
    })
    dismiss({ device: 'g1', action: 'restart' })
    w.unmount()
  })

  it('sends once for two quick presses', async () => {
    send.mockResolvedValue(command({ step: 'confirmed', ended: true }))
    const w = show()
    await w.get('button').trigger('click')
    await w.get('button').trigger('click')
    await settle()
    await w.get('button').trigger('click')
    expect(send).toHaveBeenCalledOnce()
    w.unmount()
  })

  it('orders once for a key that is held down', async () => {
    const w = show()
    const press = (repeat: boolean) => {
      const e = new KeyboardEvent('keydown', { key: 'Enter', repeat, cancelable: true, bubbles: true })
      return w.get('button').element.dispatchEvent(e)
    }
    expect(press(false)).toBe(true)
    expect(press(true)).toBe(false)
    w.unmount()
  })

  it('keeps a failure with its reason until it was read', async () => {
    const rungs = [{ step: 'failed', at: '2026-01-01T00:00:00.000Z', detail: 'connection lost' }]
    send.mockResolvedValue(command({ step: 'failed', ended: true, rungs }))
    const w = show()
    await w.get('button').trigger('click')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(w.get('[role=status]').text()).toContain('network connection lost')
    await w.get('.result button').trigger('click')
    expect(w.find('.result').exists()).toBe(false)
    w.unmount()
  })

  it('does not guess when no answer came', async () => {
    send.mockRejectedValue(new Problem('unreachable'))
    const w = show()
    await w.get('button').trigger('click')
    await settle()
    expect(w.get('[role=status]').text()).toContain('it is not known')
    w.unmount()
  })
})

import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { api } from '@/api/endpoints'
import type { Me } from '@/api/types'
import { forget, paint } from '@/live/state'
import { dismiss } from '@/parts/orders'
import { me } from '@/session/session'
import { command, device, snapshot } from '@/test/things'
import BoothPage from './BoothPage.vue'

const devices = [
  device(),
  device({ id: 't1', name: 'Turnstile', kind: 'turnstile', capabilities: ['pass'] }),
  device({ id: 'g2', name: 'Gate 2' }),
]

describe('the page of the booth', () => {
  const send = vi.spyOn(api, 'sendCommand')
  let page: VueWrapper
  let router: Router

  async function show(address: string): Promise<void> {
    const page_ = { template: '<p />' }
    router = createRouter({
      history: createMemoryHistory(),
      routes: [
        { path: '/booth', name: 'booth', component: page_ },
        { path: '/devices/:id', name: 'device', component: page_ },
        { path: '/alarms/:id', name: 'alarm', component: page_ },
        { path: '/shifts', name: 'shifts', component: page_ },
        { path: '/shifts/:id', name: 'shift', component: page_ },
      ],
    })
    await router.push(address)
    page = mount(BoothPage, { attachTo: document.body, global: { plugins: [router, VueQueryPlugin] } })
    await flushPromises()
  }
  const key = (k: string, over: KeyboardEventInit = {}, on: Element = document.body) =>
    on.dispatchEvent(new KeyboardEvent('keydown', { key: k, bubbles: true, cancelable: true, ...over }))

  beforeEach(() => {
    me.value = { verbs: ['devices.see', 'devices.command'] } as Me
    send.mockReset()
    send.mockImplementation((id) => Promise.resolve(command({ id: `c-${id}`, device: id })))
    vi.spyOn(api, 'myShift').mockResolvedValue({ log: null, people: [], offered: [] })
    vi.spyOn(api, 'events').mockResolvedValue({ events: [], next: '' })
    paint(snapshot({ devices }), true)
  })
  afterEach(() => {
    page.unmount()
    localStorage.clear()
    dismiss({ device: 'g1', action: 'open' })
    dismiss({ device: 'g2', action: 'open' })
    dismiss({ device: 't1', action: 'pass', args: { direction: 'out' } })
    forget()
  })

  it('opens the lane of the key, and of two presses makes one order', async () => {
    await show('/booth?lanes=g2,g1,t1.out')
    expect(page.findAll('h2').map((h) => h.text())).toEqual([
      'Gate 2',
      'Gate 1',
      'Turnstile · Leaving',
      'Alarms of these lanes',
      'My shift',
    ])
    key('2')
    key('2')
    await flushPromises()
    key('2')
    await flushPromises()
    expect(send).toHaveBeenCalledOnce()
    expect(send.mock.calls[0]![0]).toBe('g1')
    key('3')
    await flushPromises()
    expect(send).toHaveBeenCalledTimes(2)
    expect(send.mock.calls[1]![0]).toBe('t1')
    expect(send.mock.calls[1]![2]).toMatchObject({ action: 'pass', args: { direction: 'out' } })
  })

  it('opens nothing for a key that is held, meant for something else, or has no lane', async () => {
    await show('/booth?lanes=g1')
    const field = document.createElement('input')
    document.body.append(field)
    key('1', { repeat: true })
    key('1', { ctrlKey: true })
    key('1', { altKey: true })
    key('1', { metaKey: true })
    key('1', { shiftKey: true })
    key('1', {}, field)
    key('2')
    key('7')
    field.remove()
    await flushPromises()
    expect(send).not.toHaveBeenCalled()
  })

  it('opens nothing while a dialog lies over the page', async () => {
    await show('/booth?lanes=g1')
    const dialog = document.createElement('div')
    dialog.setAttribute('role', 'dialog')
    dialog.checkVisibility = () => true
    document.body.append(dialog)
    key('1')
    await flushPromises()
    expect(send).not.toHaveBeenCalled()
    dialog.remove()
    key('1')
    await flushPromises()
    expect(send).toHaveBeenCalledOnce()
  })

  it('says its keys on the buttons, and shows none to who may not open', async () => {
    await show('/booth?lanes=g1')
    expect(page.get('[aria-keyshortcuts="1"]').text()).toContain('Open')
    me.value = { verbs: ['devices.see'] } as Me
    await flushPromises()
    expect(page.find('[aria-keyshortcuts]').exists()).toBe(false)
    key('1')
    expect(send).not.toHaveBeenCalled()
  })

  it('remembers its lanes for this browser', async () => {
    await show('/booth?lanes=g2,t1.in')
    page.unmount()
    await show('/booth')
    expect(router.currentRoute.value.query.lanes).toBe('g2,t1.in')
    expect(page.findAll('[data-booth-lane]')).toHaveLength(2)
  })
})

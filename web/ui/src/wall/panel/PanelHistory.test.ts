import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { api } from '@/api/endpoints'
import { commands, forget } from '@/live/state'
import { command } from '@/test/things'
import PanelHistory from './PanelHistory.vue'

afterEach(forget)

it('an order whose record is pending is followed as the feed tells it, until the record says more', async () => {
  const rung = command().rungs![0]!
  const pending = command({ revision: 0, recordPending: true })
  const list = vi.spyOn(api, 'commandsOf').mockResolvedValue({ commands: [pending], next: '' })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: PanelHistory },
      { path: '/replay', name: 'replay', component: {} },
    ],
  })
  const w = mount(PanelHistory, { props: { id: 'g1' }, global: { plugins: [router, VueQueryPlugin] } })
  await flushPromises()
  const step = () => w.get('.step').text()
  expect(step()).toBe('Accepted')

  commands.merge({ ...pending, step: 'sent', rungs: [rung, { ...rung, step: 'sent' }] })
  await flushPromises()
  expect(step()).toBe('Sent')

  list.mockResolvedValue({ commands: [command({ step: 'done', ended: true, revision: 3 })], next: '' })
  commands.remove('c1')
  await flushPromises()
  expect(step()).toBe('Done')
})

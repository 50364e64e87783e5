import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { api } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import { queries } from '@/api/queries'
import type { Me } from '@/api/types'
import { forget, paint } from '@/live/state'
import { me } from '@/session/session'
import { command, device, snapshot } from '@/test/things'
import DevicePage from './DevicePage.vue'

const installer = { verbs: ['devices.see', 'devices.command', 'devices.manage'], role: 'manager' } as unknown as Me
const connect = { mqtt: 'gate.example:1883', mqtts: '', fingerprint: '', topicPrefix: 'p' }
const credential = { issued: true, password: true, certificate: false, authorities: false, shown: null }

async function show(path: string) {
  const names = ['wall', 'device', 'events', 'alarm', 'timetable', 'schedules', 'replay']
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/device/:id', name: 'devicePage', component: DevicePage, props: true },
      ...names.map((name) => ({ path: `/${name}/:id?`, name, component: { template: '<p />' } })),
    ],
  })
  await router.push(path)
  const w = mount(
    { template: '<RouterView />' },
    { global: { plugins: [router, [VueQueryPlugin, { queryClient: queries }]] } },
  )
  await flushPromises()
  await vi.dynamicImportSettled()
  await flushPromises()
  return w
}

describe('the page of a device', () => {
  beforeEach(() => {
    vi.stubGlobal('fetch', () => new Promise(() => undefined)) // whatever else is asked for
    me.value = installer
    paint(snapshot({ devices: [device({ capabilities: ['open', 'close', 'set_time'] })] }), true)
    vi.spyOn(api, 'commandsOf').mockResolvedValue({
      commands: [command({ step: 'confirmed', ended: true })],
      next: '',
    })
  })
  afterEach(() => {
    forget()
    queries.clear()
    me.value = undefined
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  it('has what is, what it can do, and the test of whoever may install', async () => {
    vi.spyOn(api, 'device').mockResolvedValue({ device: device(), credential, connect, bans: [] })
    const w = await show('/device/g1?tab=test')
    expect(w.get('h1').text()).toBe('Gate 1')
    expect(w.get('[aria-label=State]').text()).toContain('Closed')
    expect(w.get('[data-check=credential]').text()).toContain('Issued and never used')
    expect(w.findAll('button').map((b) => b.text())).toContain('Ping')
    expect(w.get('table').text()).toContain('Confirmed')
    w.unmount()
  })

  it('offers no test to whoever may only look', async () => {
    me.value = { ...installer, verbs: ['devices.see'] }
    vi.spyOn(api, 'device').mockResolvedValue({ device: device(), credential, connect, bans: [] })
    const w = await show('/device/g1?tab=test')
    expect(w.findAll('[role=tab]').map((x) => x.text())).not.toContain('Test')
    expect(w.findAll('[role=tab]')).toHaveLength(9)
    w.unmount()
  })

  it('shows the history of a device that is out of service, and orders nothing of it', async () => {
    forget()
    const old = device({ id: 'old', name: 'Old boom' })
    vi.spyOn(api, 'device').mockResolvedValue({
      device: old,
      credential,
      connect,
      bans: [],
      retired: '2026-01-02T00:00:00Z',
    })
    const w = await show('/device/old')
    expect(w.get('h1').text()).toBe('Old boom')
    expect(w.get('[role=status]').text()).toContain('Out of service since')
    expect(w.find('[aria-label=Actions]').exists()).toBe(false)
    expect(w.findAll('[role=tab]')).toHaveLength(5)
    w.unmount()
  })

  it('says that there is no such device', async () => {
    vi.spyOn(api, 'device').mockRejectedValue(new Problem('not_found', 'device x', 404))
    const w = await show('/device/x')
    expect(w.text()).toContain('There is no such device')
    w.unmount()
  })
})

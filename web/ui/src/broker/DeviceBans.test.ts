import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/endpoints'
import { queries } from '@/api/queries'
import type { Ban, Device, DeviceDetail, Me } from '@/api/types'
import { me } from '@/session/session'
import { device } from '@/test/things'
import DeviceBans from './DeviceBans.vue'

const ban = {
  id: 'b1',
  kind: 'client',
  value: 'g1',
  reason: 'Stolen or lost',
  by: 'Li',
  since: '2026-11-21T12:00:00Z',
  until: null,
  state: 'in_force',
} as Ban

const away = { ...device().link, status: 'offline' } as Device['link']

async function show(d: Device, verbs: string[], bans: Ban[] = [ban]) {
  me.value = { verbs, role: 'guard' } as unknown as Me
  const asked = vi.spyOn(api, 'device').mockResolvedValue({ bans } as unknown as DeviceDetail)
  const w = mount(DeviceBans, {
    props: { device: d },
    global: { plugins: [[VueQueryPlugin, { queryClient: queries }]] },
  })
  await flushPromises()
  return { w, asked }
}

describe('a device that is banned', () => {
  afterEach(() => {
    queries.clear()
    me.value = undefined
    vi.restoreAllMocks()
  })

  it('says since when, by whom and why, and who can lift it', async () => {
    const { w } = await show(device({ link: away }), ['devices.see'])
    expect(w.get('[role=status]').text()).toMatch(/Banned from the broker\. Since .*2026.*, by Li: Stolen or lost\./)
    expect(w.text()).toContain('An administrator can lift the ban')
    expect(w.find('button').exists()).toBe(false)
    w.unmount()
  })

  it('offers whoever may to lift it', async () => {
    const { w } = await show(device({ link: away }), ['broker.manage'])
    expect(w.get('button').text()).toBe('Lift…')
    w.unmount()
  })

  it('is silent about one that is connected, and does not ask', async () => {
    const { w, asked } = await show(device(), ['devices.see'])
    expect(asked).not.toHaveBeenCalled()
    expect(w.find('[role=status]').exists()).toBe(false)
    // It goes: then it is asked.
    await w.setProps({ device: device({ link: away }) })
    await flushPromises()
    expect(w.find('[role=status]').exists()).toBe(true)
    w.unmount()
  })

  it('is silent where no ban is', async () => {
    const { w } = await show(device({ link: away }), ['devices.see'], [])
    expect(w.text()).toBe('')
    w.unmount()
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { api } from '@/api/endpoints'
import type { Me } from '@/api/types'
import { alarms, forget } from '@/live/state'
import { me } from '@/session/session'
import { alarm } from '@/test/things'
import AlarmBanner from './AlarmBanner.vue'
import { settles } from './standing'

const critical = (id: string, raised: string) => alarm({ id, raised, severity: 'critical', type: 'forced_open' })

describe('the banner of critical alarms', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    forget()
    me.value = { id: 'u1', name: 'Wang', verbs: ['alarms.handle'] } as unknown as Me
  })
  afterEach(() => void vi.useRealTimers())

  const banner = () => mount(AlarmBanner, { global: { stubs: { RouterLink: { template: '<a><slot /></a>' } } } })
  const settle = async (): Promise<void> => {
    vi.advanceTimersByTime(settles)
    await nextTick()
  }

  it('says the newest once, and how many more there are; the age is not read out', async () => {
    alarms.merge(critical('a1', '2026-01-01T00:00:00.000Z'))
    alarms.merge(critical('a2', '2026-01-01T00:01:00.000Z'))
    alarms.merge(alarm({ id: 'a3' }))
    const w = banner()
    await nextTick()
    expect(w.get('[role=alert]').text()).toBe('Critical alarm: Forced open: E7, g1')
    expect(w.get('[role=alert]').find('time').exists()).toBe(false)
    expect(w.get('section').text()).toContain('and 1 more critical one')
  })

  it('acknowledges nothing by a press that came before anybody could have read it', async () => {
    const acknowledged = vi
      .spyOn(api, 'acknowledgeAlarm')
      .mockImplementation((id) =>
        Promise.resolve({ ...critical(id, '2026-01-01T00:01:00.000Z'), loudness: 'silent', revision: 2 }),
      )
    alarms.merge(critical('a2', '2026-01-01T00:01:00.000Z'))
    alarms.merge(critical('a1', '2026-01-01T00:00:00.000Z'))
    const w = banner()
    await w.get('button').trigger('click')
    expect(acknowledged).not.toHaveBeenCalled()
    await settle()
    await w.get('button').trigger('click')
    await vi.waitFor(() => expect(w.get('section').text()).not.toContain('more critical'))
    await w.get('button').trigger('click') // the second of a double press: the older one stands there now
    expect(acknowledged.mock.calls.map(([id]) => id)).toEqual(['a2'])
    await settle()
    await w.get('button').trigger('click')
    expect(acknowledged.mock.calls.map(([id]) => id)).toEqual(['a2', 'a1'])
  })

  it('lets nobody acknowledge who may not', async () => {
    me.value = { id: 'u1', name: 'Wang', verbs: [] } as unknown as Me
    alarms.merge(critical('a1', '2026-01-01T00:00:00.000Z'))
    expect(banner().find('button').exists()).toBe(false)
  })
})

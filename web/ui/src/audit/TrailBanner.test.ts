import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { api } from '@/api/endpoints'
import TrailBanner from './TrailBanner.vue'

const rights = vi.hoisted(() => ({ all: [] as string[] }))
vi.mock('@/session/session', () => ({ can: (verb: string) => rights.all.includes(verb) }))
vi.mock('vue-router', () => ({ useRoute: () => ({ path: '/' }) }))

async function banner(broken: boolean, ...verbs: string[]) {
  rights.all = verbs
  const asked = vi
    .spyOn(api, 'auditStatus')
    .mockResolvedValue({ broken: broken ? { row: 3, what: 'it is missing' } : null } as never)
  asked.mockClear()
  const w = mount(TrailBanner, { global: { plugins: [VueQueryPlugin], stubs: { RouterLink: RouterLinkStub } } })
  await flushPromises()
  return { shown: w.find('a').exists(), asked: asked.mock.calls.length }
}

test('a trail that is not what was written is told to whoever may read it, and to nobody else', async () => {
  expect(await banner(true, 'audit.see')).toEqual({ shown: true, asked: 1 })
  expect(await banner(false, 'audit.see')).toEqual({ shown: false, asked: 1 })
  expect(await banner(true, 'devices.see')).toEqual({ shown: false, asked: 0 })
})

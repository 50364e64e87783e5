import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, it } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useSize } from './size'

beforeEach(() => localStorage.clear())

async function wallAt(address: string) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  await router.push(address)
  let of!: ReturnType<typeof useSize>
  mount({ setup: () => ((of = useSize()), () => h('div')) }, { global: { plugins: [router] } })
  return { size: of.size, resize: of.resize, query: () => router.currentRoute.value.query }
}

it('the address says how big the tiles are; without a word there the browser remembers what was chosen last', async () => {
  const wall = await wallAt('/')
  expect(wall.size.value).toBe('normal')
  wall.resize('dense')
  await flushPromises()
  expect([wall.size.value, wall.query()]).toEqual(['dense', { size: 'dense' }])

  expect((await wallAt('/')).size.value).toBe('dense')
  expect((await wallAt('/?size=large')).size.value).toBe('large')
  expect((await wallAt('/?size=huge')).size.value).toBe('dense')
})

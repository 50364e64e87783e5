import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { devices, forget } from '@/live/state'
import { device } from '@/test/things'
import TileStrip from './TileStrip.vue'

const says = vi.hoisted(() => {
  const watched: { see?: IntersectionObserverCallback } = {}
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(see: IntersectionObserverCallback) {
        watched.see = see
      }
      observe() {}
      unobserve() {}
    },
  )
  return watched
})

const ids = ['a', 'b', 'c']
beforeEach(() => ids.forEach((id) => devices.merge(device({ id, name: `Gate ${id}` }))))
afterEach(forget)

function strip(over: Partial<InstanceType<typeof TileStrip>['$props']> = {}) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: {} },
      { path: '/devices/:id', name: 'device', component: {} },
    ],
  })
  const props = { ids, first: 24, of: 90, selected: '', size: 'normal', columns: 2, ...over } as const
  const w = mount(TileStrip, {
    props: { always: false, keep: false, early: false, ...props },
    global: { plugins: [router] },
  })
  const tiles = () => w.findAll('[data-device]').map((t) => t.attributes('data-device'))
  const see = async (isIntersecting: boolean, height = 0) => {
    const entry = { target: w.element, isIntersecting, boundingClientRect: { height } }
    says.see!([entry as unknown as IntersectionObserverEntry], {} as IntersectionObserver)
    await nextTick()
  }
  return { w, tiles, see, room: () => (w.element as HTMLElement).style.blockSize }
}

describe('a strip of tiles', () => {
  it('is drawn while it is near the screen, and keeps its room when it is not', async () => {
    const { tiles, see, room } = strip()
    expect([tiles(), room()]).toEqual([[], '356px'])
    await see(true)
    expect([tiles(), room()]).toEqual([ids, ''])
    await see(false, 401)
    expect([tiles(), room()]).toEqual([[], '401px'])
  })

  it('forgets the room of a width that it no longer has', async () => {
    const { w, see, room } = strip()
    await see(false, 401)
    await w.setProps({ columns: 1 })
    expect(room()).toBe('540px')
  })

  it('is drawn wherever it is on a wall of few, and at the beginning of one of many', () => {
    expect(strip({ always: true }).tiles()).toEqual(ids)
    expect(strip({ early: true }).tiles()).toEqual(ids)
  })

  it('stays while it is kept for the focus', async () => {
    const { w, tiles, see } = strip({ early: true, keep: true })
    await see(false, 401)
    expect(tiles()).toEqual(ids)
    await w.setProps({ keep: false })
    expect(tiles()).toEqual([])
  })

  it('tells a reader which of how many each tile is', () => {
    const items = strip({ always: true }).w.findAll('[role="listitem"]')
    expect(items.map((i) => `${i.attributes('aria-posinset')}/${i.attributes('aria-setsize')}`)).toEqual([
      '25/90',
      '26/90',
      '27/90',
    ])
  })
})

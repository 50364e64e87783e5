import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { forget, paint } from '@/live/state'
import { device, snapshot } from '@/test/things'
import { merged } from './filters'
import ManyFilter from './ManyFilter.vue'
import OlderButtons from './OlderButtons.vue'
import PlaceFilters from './PlaceFilters.vue'
import SearchFilter from './SearchFilter.vue'
import { useTyped } from './typed'

let router: Router

beforeEach(() => {
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  const site = { id: 's1', name: 'East', timeZone: 'Asia/Shanghai', revision: 10 }
  const devices = [
    device({ id: 'g10', name: 'Gate 10' }),
    device({ id: 'g2', name: 'Gate 2' }),
    device({ id: 'k1', name: 'Camera 1', kind: 'camera' }),
    device({ id: 'w1', name: 'West gate', site: 's2', zone: 'z2' }),
  ]
  const zones = [
    { id: 'z1', site: 's1', name: 'Entrance' },
    { id: 'z2', site: 's2', name: 'Exit' },
  ]
  paint(snapshot({ sites: [site, { ...site, id: 's2', name: 'West' }], zones, devices }), true)
})
afterEach(forget)

/** The filters of places under an address. */
async function filters(address: string, props: InstanceType<typeof PlaceFilters>['$props'] = {}) {
  await router.push(address)
  const w = mount(PlaceFilters, { props, global: { plugins: [router] } })
  const select = (label: string) =>
    w
      .findAll('.field')
      .find((f) => f.get('label').text() === label)!
      .get('select')
  return {
    shown: () => w.findAll('select').map((s) => s.element.selectedOptions[0]?.textContent?.trim()),
    words: () => w.findAll('select').map((s) => s.findAll('option').map((o) => o.text())),
    choose: async (label: string, value: string) => {
      await select(label).setValue(value)
      await flushPromises()
      return router.currentRoute.value.query
    },
  }
}

it('a filter that is empty leaves the address', () => {
  expect(merged({ tab: 'clients', text: 'x' }, { text: '', state: 'absent' })).toEqual({
    tab: 'clients',
    state: 'absent',
  })
})

it('a list starts at its beginning once a filter changes, and turns its pages under the same filters', () => {
  const on = { type: 'plate', before: '7', after: '8', page: '2' }
  expect(merged(on, { type: 'passage' })).toEqual({ type: 'passage' })
  expect(merged(on, { before: '5' })).toEqual({ type: 'plate', before: '5' })
})

it('each filter of a place offers what is in those before it, by name as people count', async () => {
  expect((await filters('/')).words()).toEqual([
    ['All sites', 'East', 'West'],
    ['All zones', 'Entrance', 'Exit'],
    ['All devices', 'Camera 1', 'Gate 2', 'Gate 10', 'West gate'],
  ])
  expect((await filters('/?site=s2')).words().slice(1)).toEqual([
    ['All zones', 'Exit'],
    ['All devices', 'West gate'],
  ])
  expect((await filters('/?zone=z1', { cameras: 'only' })).words()[2]).toEqual(['All cameras', 'Camera 1'])
})

it('a page without zones does not look at one in its address', async () => {
  expect((await filters('/?zone=z2', { noZone: true, cameras: 'none' })).words()).toEqual([
    ['All sites', 'East', 'West'],
    ['All devices', 'Gate 2', 'Gate 10', 'West gate'],
  ])
})

it('an address that names only a device says where that is, and lets it be dropped', async () => {
  const w = await filters('/?device=w1')
  expect(w.shown()).toEqual(['West', 'Exit', 'West gate'])
  expect(await w.choose('Device', '')).toEqual({})
  expect(w.shown()).toEqual(['All sites', 'All zones', 'All devices'])
  expect((await filters('/?zone=z2')).shown()).toEqual(['West', 'Exit', 'All devices'])
  const other = await filters('/?device=w1')
  expect(await other.choose('Site', 's1')).toEqual({ site: 's1' })
})

it('a device that is not offered is named all the same', async () => {
  expect((await filters('/?device=k1', { cameras: 'none' })).shown()).toEqual(['East', 'Entrance', 'Camera 1'])
  const gone = await filters('/?device=d-gone')
  expect(gone.shown()).toEqual(['All sites', 'All zones', 'd-gone'])
  expect(await gone.choose('Device', '')).toEqual({})
})

it('another site takes zone, device and page away, and leaves the other filters', async () => {
  const w = await filters('/?site=s1&zone=z1&device=g2&type=fault&before=7')
  expect(await w.choose('Device', 'g10')).toEqual({ site: 's1', zone: 'z1', device: 'g10', type: 'fault' })
  expect(await w.choose('Zone', '')).toEqual({ site: 's1', type: 'fault' })
  expect(await w.choose('Site', 's2')).toEqual({ site: 's2', type: 'fault' })
})

it('a list goes on to what is older, and back to the newest', async () => {
  await router.push('/?type=fault')
  const w = mount(OlderButtons, { props: { older: 7 }, global: { plugins: [router] } })
  expect(w.findAll('button').map((b) => b.text())).toEqual(['Older'])
  await w.get('button').trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ type: 'fault', before: '7' })
  await w.setProps({ older: undefined })
  expect(w.findAll('button').map((b) => b.text())).toEqual(['Back to newest'])
  await w.get('button').trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ type: 'fault' })
})

describe('a field to search in', () => {
  async function field(address: string) {
    await router.push(address)
    const w = mount(SearchFilter, { props: { name: 'text', label: 'Search' }, global: { plugins: [router] } })
    return { w, input: w.get('input') }
  }

  it('keeps what is typed while the page is drawn anew, and puts it into the address when it is left', async () => {
    const { w, input } = await field('/?page=2')
    ;(input.element as HTMLInputElement).value = ' wu'
    await input.trigger('input')
    await w.setProps({ label: 'Find' })
    expect(input.element.value).toBe(' wu')
    await input.trigger('change')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ text: 'wu' })
  })

  it('follows the address when somebody else changes it', async () => {
    const { input } = await field('/?text=wu')
    expect(input.element.value).toBe('wu')
    await router.push('/')
    await flushPromises()
    expect(input.element.value).toBe('')
  })

  it('that searches with each letter loses none while the address is behind', async () => {
    await router.push('/?q=east')
    let search!: ReturnType<typeof useTyped>
    mount({ setup: () => ((search = useTyped('q', 'replace')), () => null) }, { global: { plugins: [router] } })
    for (const text of ['w', 'wu', 'wu ']) {
      search.typed.value = text
      search.put()
    }
    await flushPromises()
    expect(search.typed.value).toBe('wu ')
    expect(router.currentRoute.value.query).toEqual({ q: 'wu' })
  })
})

describe('a filter of several values', () => {
  const choices = [
    ['s1', 'East'],
    ['s2', 'West'],
    ['s3', 'North'],
  ] as const

  it('has them in the address in the order of the list, and the words of what is chosen on its button', async () => {
    await router.push('/?zone=z1')
    const props = { name: 'site', label: 'Site', any: 'All sites', choices, clears: ['zone'] }
    const w = mount(ManyFilter, { props, global: { plugins: [router] } })
    const query = () => router.currentRoute.value.query
    expect(w.get('summary').text()).toBe('All sites')
    await w.findAll('input')[2]!.setValue(true)
    await flushPromises()
    expect([query(), w.get('summary').text()]).toEqual([{ site: 's3' }, 'North'])
    await w.findAll('input')[0]!.setValue(true)
    await flushPromises()
    expect([query(), w.get('summary').text()]).toEqual([{ site: 's1,s3' }, '2 chosen'])
    await w.get('button').trigger('click')
    await flushPromises()
    expect([query(), w.get('summary').text()]).toEqual([{}, 'All sites'])
  })
})

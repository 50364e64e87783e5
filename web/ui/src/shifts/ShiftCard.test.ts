import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { api } from '@/api/endpoints'
import type { Shift } from '@/api/types'
import ShiftCard from './ShiftCard.vue'

function shift(over: Partial<Shift> = {}): Shift {
  return {
    id: 'x1',
    site: 's1',
    booth: '',
    person: { id: 'u1', name: 'Wang' },
    devices: [{ id: 'g1', name: 'Gate 1' }],
    took: '',
    began: '2026-01-01T00:00:00.000Z',
    ended: null,
    how: '',
    endedBy: null,
    to: null,
    taken: null,
    offered: false,
    remark: '',
    cashCounted: false,
    counted: [],
    differences: [],
    counts: { takings: [{ amount: 1500, currency: 'CNY' }], rows: 1, passages: 2, opens: 3, alarms: [] },
    ...over,
  }
}

let card: VueWrapper

async function show(): Promise<void> {
  const page = { template: '<p />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page },
      { path: '/shifts', name: 'shifts', component: page },
      { path: '/shifts/:id', name: 'shift', component: page },
    ],
  })
  const props = { lanes: ['t1', 't1', 'g1'] }
  card = mount(ShiftCard, { props, attachTo: document.body, global: { plugins: [router, VueQueryPlugin] } })
  await flushPromises()
}
const field = (label: RegExp) => {
  const found = [...document.querySelectorAll('label')].find((l) => label.test(l.textContent ?? ''))
  return document.getElementById(found!.htmlFor) as HTMLInputElement
}
async function type(label: RegExp, text: string): Promise<void> {
  field(label).value = text
  field(label).dispatchEvent(new Event('input'))
  await flushPromises()
}
const press = async (name: string, at = 0) => {
  const all = [...document.querySelectorAll('button')].filter((b) => b.textContent?.trim() === name)
  all[at]!.click()
  await flushPromises()
}

beforeEach(() => vi.restoreAllMocks())
afterEach(() => card.unmount())

it('begins a shift at the devices of the lanes, each once', async () => {
  const mine = vi.spyOn(api, 'myShift').mockResolvedValue({ log: null, people: [], offered: [] })
  const begin = vi.spyOn(api, 'beginShift').mockResolvedValue(shift())
  await show()
  mine.mockResolvedValue({ log: { shift: shift(), notes: [] }, people: [], offered: [] })
  await press('Begin a shift at these lanes')
  expect(begin).toHaveBeenCalledWith({ devices: ['t1', 'g1'] })
  expect(card.text()).toContain('CNY')
})

it('hands over what was counted in minor units, and nothing that is no amount', async () => {
  const log = { shift: shift(), notes: [] }
  vi.spyOn(api, 'myShift').mockResolvedValue({ log, people: [{ id: 'u2', name: 'Li' }], offered: [] })
  const ended = shift({ ended: '2026-01-01T08:00:00.000Z', how: 'handed_over' })
  const hand = vi.spyOn(api, 'handOverShift').mockResolvedValue(ended)
  await show()
  await press('Hand over')
  await type(/^Cash in the drawer/, '12,50 yuan')
  document.querySelector<HTMLFormElement>('[role=dialog] form')!.requestSubmit()
  await flushPromises()
  expect(hand).not.toHaveBeenCalled()
  await type(/^Cash in the drawer/, '12.5')
  document.querySelector<HTMLFormElement>('[role=dialog] form')!.requestSubmit()
  await flushPromises()
  expect(hand).toHaveBeenCalledWith('x1', { to: undefined, counted: [{ amount: 1250, currency: 'CNY' }], remark: '' })
})

it('lets nobody confirm what they were not shown', async () => {
  const offered = shift({ id: 'x0', ended: '2026-01-01T08:00:00.000Z', how: 'handed_over', offered: true })
  vi.spyOn(api, 'myShift').mockResolvedValue({ log: null, people: [], offered: [offered] })
  vi.spyOn(api, 'shift').mockReturnValue(new Promise(() => undefined))
  const take = vi.spyOn(api, 'takeOverShift')
  await show()
  await press('Take over from Wang')
  document.querySelector<HTMLFormElement>('[role=dialog] form')!.requestSubmit()
  await flushPromises()
  expect(take).not.toHaveBeenCalled()
})

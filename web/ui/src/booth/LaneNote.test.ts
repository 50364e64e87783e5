import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { api } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import type { Shift, ShiftNote } from '@/api/types'
import { forget, paint } from '@/live/state'
import { device, snapshot } from '@/test/things'
import LaneNote from './LaneNote.vue'

const shift = { id: 'x1', site: 's1', devices: [{ id: 'g1', name: 'Gate 1' }] } as Shift
const noted = (n: number, text: string, at = 'g1'): ShiftNote => ({
  id: n,
  at: '2026-01-01T00:00:00.000Z',
  by: { id: 'u1', name: 'Wang' },
  device: at,
  deviceName: 'Gate 1',
  text,
})

let note: VueWrapper
const add = vi.spyOn(api, 'addShiftNote')
const mine = vi.spyOn(api, 'myShift')
function has(...notes: ShiftNote[]): void {
  mine.mockResolvedValue({ log: { shift, notes }, people: [], offered: [] })
}
async function show(of: string): Promise<void> {
  note = mount(LaneNote, { props: { device: of }, attachTo: document.body, global: { plugins: [VueQueryPlugin] } })
  await flushPromises()
}
async function write(text: string): Promise<void> {
  const field = document.querySelector('textarea')!
  field.value = text
  field.dispatchEvent(new Event('input'))
  field.closest('form')!.requestSubmit()
  await flushPromises()
}

beforeEach(() => {
  add.mockReset()
  paint(snapshot({ devices: [device(), device({ id: 'g2', name: 'Gate 2' })] }), true)
})
afterEach(() => {
  note.unmount()
  forget()
})

it('writes a note for its lane, and shows what was written last there', async () => {
  has(noted(1, 'lost ticket'), noted(2, 'at another lane', 'g2'))
  await show('g1')
  expect(note.text()).toContain('lost ticket')
  expect(note.text()).not.toContain('another lane')
  await note.get('button').trigger('click')
  add.mockResolvedValue(noted(3, 'visitor for 1204'))
  has(noted(1, 'lost ticket'), noted(3, 'visitor for 1204'))
  await write(' visitor for 1204 ')
  expect(add.mock.calls).toEqual([['x1', { device: 'g1', text: 'visitor for 1204' }]])
  expect(note.text()).toContain('visitor for 1204')
})

it('keeps what was typed when the server refuses', async () => {
  has()
  await show('g1')
  await note.get('button').trigger('click')
  add.mockRejectedValue(new Problem('unavailable'))
  await write('visitor')
  expect(document.querySelector('textarea')!.value).toBe('visitor')
  expect(document.querySelector('[role=alert]')).not.toBeNull()
})

it('is not there at a lane that is not of the shift', async () => {
  has()
  await show('g2')
  expect(note.find('button').exists()).toBe(false)
})

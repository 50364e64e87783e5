import { flushPromises, mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { api } from '@/api/endpoints'
import ChangePasswordForm from './ChangePasswordForm.vue'

test('a new password is sent once it is long enough and typed twice, and stays nowhere', async () => {
  const change = vi.spyOn(api, 'changePassword').mockResolvedValue(undefined as never)
  const w = mount(ChangePasswordForm)
  const [old, fresh, again] = w.findAll('input')
  async function submit(a: string, b: string): Promise<string[]> {
    await old!.setValue('four quiet herons wade')
    await fresh!.setValue(a)
    await again!.setValue(b)
    await w.get('form').trigger('submit')
    await flushPromises()
    return w.findAll('.wrong').map((x) => x.text())
  }
  expect(await submit('eleven char', 'eleven char')).toEqual(['Too short: at least 12 characters'])
  expect(await submit('orchard lantern kettle', 'orchard lantern')).toEqual(['The two passwords differ'])
  expect(change).not.toHaveBeenCalled()

  expect(await submit('orchard lantern kettle', 'orchard lantern kettle')).toEqual([])
  expect(change).toHaveBeenCalledExactlyOnceWith('four quiet herons wade', 'orchard lantern kettle')
  expect(w.emitted('changed')).toHaveLength(1)
  expect(w.findAll('input').map((i) => i.element.value)).toEqual(['', '', ''])
})

import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import { api } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import LoginPage from './LoginPage.vue'

vi.mock('vue-router', async (original) => ({
  ...(await original<object>()),
  useRoute: () => ({ query: {}, meta: {} }),
  useRouter: () => ({ replace: vi.fn() }),
}))

const signIn = vi.spyOn(api, 'signIn')
const booth = vi.spyOn(api, 'booth')
const enterBooth = vi.spyOn(api, 'enterBooth')
const wrongCode = new Problem('bad_credentials', 'code', 401, [{ location: 'body.code', message: 'is no code' }])

/** The page after the right password of somebody with a second factor. */
async function atTheCode() {
  signIn.mockRejectedValue(new Problem('code_needed', 'code', 401, [{ location: 'body.code' }]))
  const w = mount(LoginPage)
  await w.get('input[autocomplete=username]').setValue('li')
  await w.get('input[type=password]').setValue('four quiet herons wade')
  await w.get('form').trigger('submit')
  await flushPromises()
  expect(w.find('input[type=password]').exists()).toBe(false)
  return w
}
const submit = async (w: Awaited<ReturnType<typeof atTheCode>>) => {
  await w.get('input[autocomplete=one-time-code]').setValue('000000')
  await w.get('form').trigger('submit')
  await flushPromises()
}

beforeEach(() => {
  signIn.mockReset()
  booth.mockReset().mockResolvedValue({ booth: null, guards: [] })
  enterBooth.mockReset()
})

test('a wrong code is asked for again, without the password', async () => {
  const w = await atTheCode()
  signIn.mockRejectedValue(wrongCode)
  await submit(w)
  expect(signIn).toHaveBeenLastCalledWith('li', 'four quiet herons wade', '000000')
  expect(w.find('input[autocomplete=one-time-code]').exists()).toBe(true)
})

test('a password that is wrong by now is asked for again', async () => {
  const w = await atTheCode()
  signIn.mockRejectedValue(new Problem('bad_credentials', 'name or password is wrong', 401))
  await submit(w)
  expect(w.find('input[type=password]').exists()).toBe(true)
})

test('another name is asked for its own password', async () => {
  const w = await atTheCode()
  await w.get('input[autocomplete=username]').setValue('chen')
  expect(w.find('input[type=password]').exists()).toBe(true)
})

const hut = { id: 'b1', name: 'North gate', lockMinutes: 10, created: '', expires: '' }

test('at a booth a guard signs in with name and PIN, by the last digit', async () => {
  booth.mockResolvedValue({ booth: hut, guards: [{ id: 'o2', name: 'Chen', locked: false }] })
  enterBooth.mockRejectedValue(new Problem('bad_pin', 'pin', 401))
  const w = mount(LoginPage)
  await flushPromises()
  expect(w.text()).toContain('North gate')
  await w.get('li button').trigger('click')
  for (const n of ['2', '7', '1', '9', '3'])
    await w
      .findAll('.pad button')
      .find((b) => b.text() === n)!
      .trigger('click')
  expect(enterBooth).not.toHaveBeenCalled()
  await w
    .findAll('.pad button')
    .find((b) => b.text() === '8')!
    .trigger('click')
  await flushPromises()
  expect(enterBooth).toHaveBeenCalledExactlyOnceWith({ person: 'o2', pin: '271938' })
  expect(w.get<HTMLInputElement>('input[type=password]').element.value).toBe('')
})

test('at a booth somebody whose PIN is locked is asked for the password', async () => {
  booth.mockResolvedValue({ booth: hut, guards: [{ id: 'o2', name: 'Chen', locked: true }] })
  const w = mount(LoginPage)
  await flushPromises()
  await w.get('li button').trigger('click')
  expect(w.find('input').exists()).toBe(false)
  await w.get('button.primary').trigger('click')
  expect(w.find('input[autocomplete=username]').exists()).toBe(true)
})

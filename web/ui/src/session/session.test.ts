import { afterEach, expect, test, vi } from 'vitest'
import { api } from '@/api/endpoints'
import { queries } from '@/api/queries'
import type { Me } from '@/api/types'
import { live } from '@/live/live'
import { setTheme, theme } from '@/theme/theme'
import { chooseTheme, me, meAgain, signIn } from './session'

const person = (id: string): Me => ({
  id,
  name: id,
  role: 'guard',
  roleName: '',
  scope: { sites: [], zones: [], hours: [] },
  verbs: ['devices.see'],
  language: 'en',
  theme: '',
  mustChange: false,
  factor: false,
  factorNeeded: false,
  pin: false,
  atBooth: false,
})
const other = new BroadcastChannel('gatehouse-user')

afterEach(() => {
  other.onmessage = null
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('a page does not go on under the name of somebody who is not its user any more', async () => {
  const reload = vi.fn()
  vi.stubGlobal('location', { ...location, reload })
  me.value = person('li')
  other.postMessage('li')
  other.postMessage('chen')
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1))
})

test('the theme comes along with whoever signs in, and is kept for them when they choose another', async () => {
  vi.spyOn(live, 'start').mockReturnValue(undefined)
  const dark = { ...person('chen'), theme: 'dark' }
  vi.spyOn(api, 'signIn').mockResolvedValue(dark)
  const kept = vi.spyOn(api, 'setTheme').mockResolvedValue({ ...dark, theme: 'light' })
  setTheme('auto')
  await signIn('chen', 'four quiet herons wade')
  expect(theme.value).toBe('dark')
  await chooseTheme('light')
  expect([theme.value, kept.mock.calls, me.value?.theme]).toEqual(['light', [['light']], 'light'])
  me.value = null
  await chooseTheme('dark') // before anybody signs in it is the browser's
  expect([theme.value, kept.mock.calls.length]).toEqual(['dark', 1])
  setTheme('auto')
})

test('whoever signs in says so to the other pages of the browser', async () => {
  vi.spyOn(live, 'start').mockReturnValue(undefined)
  vi.spyOn(api, 'signIn').mockResolvedValue(person('chen'))
  const heard = new Promise((resolve) => (other.onmessage = (said) => resolve(said.data)))
  me.value = null
  await signIn('chen', 'four quiet herons wade')
  expect(await heard).toBe('chen')
})

test('lists that were got with other rights are forgotten, and no others', async () => {
  const limited = { ...person('chen'), scope: { sites: ['north'], zones: [], hours: [] } }
  const answer = vi.spyOn(api, 'me').mockResolvedValue(limited)
  me.value = structuredClone(limited)
  queries.setQueryData(['ledger'], ['a stay'])
  await meAgain()
  expect(queries.getQueryData(['ledger'])).toEqual(['a stay'])
  answer.mockResolvedValue({ ...limited, scope: { sites: ['south'], zones: [], hours: [] } })
  await meAgain()
  expect(me.value.scope.sites).toEqual(['south'])
  expect(queries.getQueryData(['ledger'])).toBeUndefined()
})

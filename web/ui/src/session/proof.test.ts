import { beforeEach, expect, test } from 'vitest'
import { Problem } from '@/api/problem'
import { notProved, proved, proving, withProof } from './proof'
import { me, sessionLost } from './session'

const refusal = new Problem('proof_needed', 'show who you are', 403)

beforeEach(() => {
  notProved()
  proving.value = false
})

test('what asks for no proof is done at once', async () => {
  expect(await withProof(() => Promise.resolve('done'))).toBe('done')
  expect(proving.value).toBe(false)
})

test('what asks for a proof is done again after one', async () => {
  let asked = 0
  const act = withProof(() => (++asked === 1 ? Promise.reject(refusal) : Promise.resolve(asked)))
  await new Promise((r) => setTimeout(r))
  expect(proving.value).toBe(true)
  proved()
  expect(await act).toBe(2)
  expect(proving.value).toBe(false)
})

test('whoever gives no proof is told the refusal, and nothing is done', async () => {
  let asked = 0
  const act = withProof(() => {
    asked++
    return Promise.reject(refusal)
  })
  await new Promise((r) => setTimeout(r))
  notProved()
  await expect(act).rejects.toBe(refusal)
  expect(asked).toBe(1)
})

test('another problem is passed on', async () => {
  const other = new Problem('forbidden', 'no', 403)
  await expect(withProof(() => Promise.reject(other))).rejects.toBe(other)
})

test('nobody is asked for the proof of somebody whose session has ended', async () => {
  const act = withProof(() => Promise.reject(refusal))
  await new Promise((r) => setTimeout(r))
  me.value = {
    id: 'o1',
    name: 'Li',
    role: 'guard',
    roleName: '',
    scope: { sites: [], zones: [], hours: [] },
    language: 'en',
    verbs: [],
    mustChange: false,
    factor: false,
    factorNeeded: false,
    pin: false,
    atBooth: false,
    theme: '',
  }
  sessionLost()
  await expect(act).rejects.toBe(refusal)
  expect(proving.value).toBe(false)
})

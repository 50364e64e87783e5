import { expect, it } from 'vitest'
import { useRun } from './run'

it('does one thing at a time, and keeps why the last one failed until the next begins', async () => {
  const { busy, error, run } = useRun()
  let fail = (): void => {}
  const first = run(() => new Promise((_, refuse) => (fail = () => refuse(new Error('no')))))
  expect(busy.value).toBe(true)
  let twice = false
  await run(() => (twice = true))
  expect(twice).toBe(false)
  fail()
  await first
  expect([busy.value, (error.value as Error).message]).toEqual([false, 'no'])
  await run(() => expect(error.value).toBeUndefined())
  expect(error.value).toBeUndefined()
})

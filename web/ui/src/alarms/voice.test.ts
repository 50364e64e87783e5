import { describe, expect, it } from 'vitest'
import { LockedVoice, SaidVoice } from './voice'

/** Storage of a browser that all its pages share. */
function shared(): Storage {
  const map = new Map<string, string>()
  return {
    getItem: (k: string) => map.get(k) ?? null,
    setItem: (k: string, v: string) => void map.set(k, v),
    removeItem: (k: string) => void map.delete(k),
  } as Storage
}

/** The locks of a browser: one page has it, the others wait in order. */
function locks() {
  const waiting: { name: string; run: () => void }[] = []
  let holder: string | undefined
  const next = (): void => {
    const first = waiting.shift()
    holder = first?.name
    first?.run()
  }
  return {
    request: (name: string, { signal }: { signal: AbortSignal }, held: () => Promise<void> | undefined) =>
      new Promise<void>((done, failed) => {
        const entry = { name, run: () => void Promise.resolve(held()).then(() => (done(), next())) }
        signal.addEventListener('abort', () => {
          const i = waiting.indexOf(entry)
          if (i >= 0) waiting.splice(i, 1)
          if (i >= 0) failed(new Error('aborted'))
        })
        waiting.push(entry)
        if (!holder) next()
      }),
    query: () => Promise.resolve({ held: holder ? [{ name: holder }] : [] }),
  } as unknown as LockManager
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

describe('of the pages of a browser one is heard', () => {
  it('by its locks: the next as soon as the first gives it up', async () => {
    const of = locks()
    const [a, b, mute] = [new LockedVoice(of), new LockedVoice(of), new LockedVoice(of)]
    a.want()
    a.want()
    b.want()
    await settled()
    expect([a.mine.value, b.mine.value]).toEqual([true, false])
    mute.look()
    b.look()
    await settled()
    expect([mute.elsewhere.value, b.elsewhere.value, a.elsewhere.value]).toEqual([true, true, false])
    a.drop()
    await settled()
    expect([a.mine.value, b.mine.value, b.elsewhere.value]).toEqual([false, true, false])
    b.drop()
    await settled()
    mute.look()
    await settled()
    expect(mute.elsewhere.value).toBe(false)
  })

  it('by what they say where there are no locks: the next when the first says nothing any more', () => {
    let now = 1_000
    const store = shared()
    const [a, b] = [new SaidVoice('a', store, () => now), new SaidVoice('b', store, () => now)]
    a.want()
    b.want()
    expect([a.mine.value, b.mine.value, b.elsewhere.value]).toEqual([true, false, true])
    now += 4_000
    a.look()
    now += 4_000
    b.look()
    expect(b.mine.value).toBe(false)
    now += 1_001
    b.look()
    a.look() // it comes back late, and sees that it is not its own any more
    expect([a.mine.value, b.mine.value]).toEqual([false, true])
    b.drop()
    a.look()
    expect([a.mine.value, b.mine.value]).toEqual([true, false])
  })
})

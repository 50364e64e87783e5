import { describe, expect, it } from 'vitest'
import { alarm } from '@/test/things'
import { oneByOne, together } from './bulk'

describe('alarms that are acknowledged together', () => {
  const a = alarm({ id: 'a' })
  const all = [
    a,
    alarm({ id: 'sameDevice', type: 'tamper' }),
    alarm({ id: 'sameType', device: 'g2' }),
    alarm({ id: 'otherSite', device: 'g3', site: 's2' }),
    alarm({ id: 'seen', type: 'offline', acknowledged: '2026-01-01T00:00:00.000Z' }),
  ]
  const ids = (extent: 'one' | 'device' | 'type') => together(a, all, extent).map((x) => x.id)

  it('are of one device, or of one type at one site, and nobody has acknowledged them', () => {
    expect(ids('one')).toEqual(['a'])
    expect(ids('device')).toEqual(['a', 'sameDevice'])
    expect(ids('type')).toEqual(['a', 'sameType'])
  })

  it('are all tried, and the first refusal is told at the end', async () => {
    const tried: string[] = []
    let count = 0
    const act = (id: string): Promise<void> => {
      tried.push(id)
      return id === 'b' || id === 'c' ? Promise.reject(new Error(id)) : Promise.resolve()
    }
    await expect(oneByOne(['a', 'b', 'c', 'd'], act, (n) => (count = n))).rejects.toThrow('b')
    expect([tried.join(''), count]).toEqual(['abcd', 4])
    await oneByOne(['a', 'd'], act, () => undefined)
  })
})

import { describe, expect, it } from 'vitest'
import { device } from '@/test/things'
import { chosen, connectedOf, mostAtOnce } from './credentialList'

const any = { site: '', zone: '', kind: '' }

describe('credentials of many devices', () => {
  const all = [
    device({ id: 'a', site: 's1', zone: 'z1', kind: 'gate' }),
    device({ id: 'b', site: 's1', zone: 'z2', kind: 'camera' }),
    device({ id: 'c', site: 's2', zone: 'z3', kind: 'gate' }),
  ]
  const ids = (list: { id: string }[]) => list.map((d) => d.id).join('')

  it('offers what fits the choice, and of an import just its devices', () => {
    expect(ids(chosen(all, any))).toBe('abc')
    expect(ids(chosen(all, { ...any, site: 's1' }))).toBe('ab')
    expect(ids(chosen(all, { ...any, zone: 'z2' }))).toBe('b')
    expect(ids(chosen(all, { ...any, kind: 'gate' }))).toBe('ac')
    expect(ids(chosen(all, { ...any, site: 's1' }, ['c']))).toBe('c')
  })

  it('offers no more than the server makes at once', () => {
    const many = Array.from({ length: mostAtOnce + 5 }, (_, n) => device({ id: String(n) }))
    expect(chosen(many, any)).toHaveLength(mostAtOnce)
  })

  it('finds those that would be cut', () => {
    const link = { ...all[0]!.link, status: 'offline' as const }
    expect(connectedOf([...all, { ...all[0]!, link }])).toEqual(all)
  })
})

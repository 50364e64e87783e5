import { describe, expect, it } from 'vitest'
import { device, snapshot } from '@/test/things'
import { listOf, pageOf, pageSize, placeOf, type Shown } from './list'

const { sites } = snapshot()
const zones = [
  { id: 'z2', site: 's1', name: 'Yard' },
  { id: 'z1', site: 's1', name: 'North' },
]
const off = { status: 'offline' as const, since: null, cause: 'keep_alive', flapping: false, flappingSince: null }
const all = [
  device({ id: 'a', name: 'Gate 10' }),
  device({ id: 'b', name: 'Gate 2', link: off }),
  device({ id: 'c', name: 'Eye', kind: 'camera', zone: 'z2' }),
]
const any: Shown = { text: '', site: '', kind: '', link: '', sort: 'name' }
const ids = (over: Partial<Shown>) =>
  listOf(all, sites!, zones, { ...any, ...over }, 'en')
    .map((d) => d.id)
    .join('')

describe('the list of devices', () => {
  it('goes by zone, and in it as people count', () => {
    expect(ids({})).toBe('cba')
    expect(ids({ sort: 'link' })).toBe('cba')
    expect(ids({ sort: 'kind' })).toBe('cba')
  })

  it('has those first that need somebody, if so asked', () => {
    const list = [device({ id: 'a', name: 'A' }), device({ id: 'z', name: 'Z', link: off })]
    expect(listOf(list, sites!, zones, { ...any, sort: 'link' }, 'en').map((d) => d.id)).toEqual(['z', 'a'])
  })

  it('is filtered by text of name, zone and id, by kind, link and site', () => {
    expect(ids({ text: 'gate' })).toBe('ba')
    expect(ids({ text: ' yard ' })).toBe('c')
    expect(ids({ kind: 'camera' })).toBe('c')
    expect(ids({ link: 'offline' })).toBe('b')
    expect(ids({ site: 's2' })).toBe('')
  })

  it('comes in pages, and one beyond the end is the last', () => {
    const many = Array.from({ length: pageSize + 1 }, (_, n) => n)
    expect(pageOf(many, 0)).toMatchObject({ page: 0, pages: 2 })
    expect(pageOf(many, 9)).toEqual({ rows: [pageSize], page: 1, pages: 2 })
    expect(pageOf([], 3)).toEqual({ rows: [], page: 0, pages: 1 })
  })

  it('stays the same while a device reports nothing that has its place in it', () => {
    expect(placeOf(device({ physical: 'open', revision: 9 }))).toBe(placeOf(device()))
    expect(placeOf(device({ link: off }))).not.toBe(placeOf(device()))
  })
})

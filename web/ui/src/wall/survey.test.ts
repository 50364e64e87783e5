import { describe, expect, it } from 'vitest'
import type { Device, Site, Zone } from '@/api/types'
import { device } from '@/test/things'
import { arrange, survey, type Wanted } from './survey'

const site = (id: string): Site => ({ id, name: `Site ${id}`, timeZone: 'Asia/Shanghai', revision: 1 })
const zone = (id: string, of: string): Zone => ({ id, site: of, name: `Zone ${id}` })
const sites = [site('s1'), site('s2')]
const zones = [zone('z1', 's1'), zone('z2', 's1'), zone('z3', 's2'), zone('z4', 's2')]
const away: Device['link'] = { status: 'offline', since: null, cause: '', flapping: false, flappingSince: null }

const all = [
  device({ id: 'a', name: 'Gate 10' }),
  device({ id: 'b', name: 'Gate 2', physical: 'open' }),
  device({ id: 'c', name: 'Arch', kind: 'turnstile', zone: 'z2' }),
  device({ id: 'd', name: 'Dome', kind: 'camera', zone: 'z3', site: 's2', link: away }),
  device({ id: 'e', name: 'Lost', zone: 'nowhere' }),
]
const places = arrange(all, sites, zones, 'en')
const nothing: Wanted = { show: 'all', sites: [], zone: '', kind: '', text: '' }
const look = (over: Partial<Wanted> = {}, list = all) =>
  survey(places, (id) => list.find((d) => d.id === id), { ...nothing, ...over })
const shown = (over: Partial<Wanted>) => look(over).groups.flatMap((g) => g.zones.flatMap((z) => z.ids))

describe('the order of the wall', () => {
  it('is by site, zone and kind, then by name as people count', () => {
    expect(places.map((g) => [g.site.id, g.zones.map((z) => `${z.zone.id}: ${z.ids.join(' ')}`)])).toEqual([
      ['s1', ['z1: b a', 'z2: c']],
      ['s2', ['z3: d']],
    ])
  })
})

describe('the filters of the wall', () => {
  it('leave what is of the chosen sites, the zone, the kind, the state and the text', () => {
    expect(shown({})).toEqual(['b', 'a', 'c', 'd'])
    expect(shown({ sites: ['s2'] })).toEqual(['d'])
    expect(shown({ sites: ['s1', 's2'] })).toEqual(['b', 'a', 'c', 'd'])
    expect(shown({ zone: 'z1' })).toEqual(['b', 'a'])
    expect(shown({ kind: 'turnstile' })).toEqual(['c'])
    expect(shown({ show: 'problem' })).toEqual(['d'])
    expect(shown({ show: 'open' })).toEqual(['b'])
    expect(shown({ text: 'gate' })).toEqual(['b', 'a'])
    expect(shown({ text: 'zone z2' })).toEqual(['c'])
    expect(shown({ kind: 'gate', text: '10' })).toEqual(['a'])
  })

  it('count what each state would leave under the other filters', () => {
    expect(look().tally).toEqual({ all: 4, problem: 1, offline: 1, open: 1, moving: 0, closed: 2, unknown: 0 })
    expect(look({ kind: 'gate', show: 'open' }).tally).toMatchObject({ all: 2, open: 1, closed: 1, offline: 0 })
  })

  it('hide no problem of the chosen sites', () => {
    expect(look({ text: 'gate' }).problems.map((d) => d.id)).toEqual(['d'])
    expect(look({ sites: ['s1'] }).problems).toEqual([])
  })
})

describe('news that moves nothing on the wall', () => {
  it('hands on the lists of before, whole or those that still hold', () => {
    const before = look()
    const again = survey(places, (id) => all.find((d) => d.id === id), nothing, before)
    expect(again.groups).toBe(before.groups)

    const open = survey(places, (id) => all.find((d) => d.id === id), { ...nothing, text: 'gate' }, before)
    expect(open.groups).not.toBe(before.groups)
    expect(open.groups[0]!.zones[0]).toBe(before.groups[0]!.zones[0])
  })
})

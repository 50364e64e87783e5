import { describe, expect, it } from 'vitest'
import { find, type Target } from './jump'

const target = (name: string, what = ''): Target => ({ key: name, name, what, to: '/' })
const names = (list: Target[]) => list.map((t) => t.name)

describe('going somewhere by its name', () => {
  const all = [
    target('Ledger', 'Page'),
    target('北门进口 North in', 'Gate · Riverside · North entrance'),
    target('Yard gate 3', 'Gate · Riverside · Yard'),
    target('Gate 3', 'Gate · Harbour · South'),
    target('Café', 'Camera · Harbour'),
  ]

  it('takes a part of a name in any language, whatever its letters look like', () => {
    expect(names(find(all, '进口'))).toEqual(['北门进口 North in'])
    expect(names(find(all, 'CAFE'))).toEqual(['Café'])
  })

  it('puts a name that begins so before one that has it somewhere', () => {
    expect(names(find(all, 'gate 3'))).toEqual(['Gate 3', 'Yard gate 3'])
  })

  it('looks at where something stands too, and wants every word', () => {
    expect(names(find(all, 'harbour gate'))).toEqual(['Gate 3'])
    expect(find(all, 'harbour ledger')).toEqual([])
  })

  it('offers the first of all when nothing is typed', () => {
    expect(names(find(all, ' ', 2))).toEqual(['Ledger', '北门进口 North in'])
  })
})

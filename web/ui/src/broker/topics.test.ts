import { describe, expect, it } from 'vitest'
import { crumbs, isUnfolded, maxUnfolded, perSecond, toggled } from './topics'

describe('the tree of topics', () => {
  it('unfolds a level and folds it with all below it', () => {
    const open = toggled(toggled([], 'a/'), 'a/b/')
    expect(open).toEqual(['a/', 'a/b/'])
    expect(toggled(open, 'a/b/')).toEqual(['a/'])
    expect(toggled([...open, 'ab/'], 'a/')).toEqual(['ab/'])
  })

  it('shows the way to what is unfolded when levels come apart', () => {
    expect(isUnfolded(['gatehouse/v1/'], 'gatehouse/')).toBe(true)
    expect(isUnfolded(['gatehouse/v1/'], 'gatehouse/v2/')).toBe(false)
    expect(isUnfolded(['a/'], '')).toBe(false)
  })

  it('unfolds a level that has no name', () => {
    expect(isUnfolded(toggled([], '/'), '/')).toBe(true)
    expect(isUnfolded(['a/'], '/')).toBe(false)
  })

  it('keeps so many levels unfolded', () => {
    let open: string[] = []
    for (let i = 0; i < maxUnfolded + 5; i++) open = toggled(open, `${i}/`)
    expect(open).toHaveLength(maxUnfolded)
    expect(open.at(-1)).toBe(`${maxUnfolded + 4}/`)
  })

  it('names the levels above a prefix', () => {
    expect(crumbs('')).toEqual([])
    expect(crumbs('a/b/')).toEqual([
      { name: 'a', prefix: 'a/' },
      { name: 'b', prefix: 'a/b/' },
    ])
    expect(crumbs('/a/')).toEqual([
      { name: '', prefix: '/' },
      { name: 'a', prefix: '/a/' },
    ])
  })

  it('says rates with digits that are worth reading', () => {
    expect([0, 0.0123, 3.456, 123.4].map(perSecond)).toEqual([0, 0.01, 3.46, 123])
  })
})

import { describe, expect, it } from 'vitest'
import { router } from '@/router'
import { entryOf, groups } from './nav'

describe('the navigation', () => {
  it('marks an entry on every page, but on those of the person and on what is not there', () => {
    const entries = groups.flatMap((g) => g.entries.map((e) => e.name))
    const shell = router.getRoutes().filter((r) => r.name && r.meta.verb)
    expect(shell.length).toBeGreaterThan(entries.length)
    expect(shell.map((r) => entryOf(r.name)).filter((name) => !entries.includes(name))).toEqual([])
  })
})

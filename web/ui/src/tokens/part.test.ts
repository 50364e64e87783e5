import { describe, expect, it } from 'vitest'
import { verbsFor } from './part'

describe('the rights of a token', () => {
  it('are some of the user, and never that over people', () => {
    expect(verbsFor(['devices.see', 'access.manage', 'audit.see'], false)).toEqual(['devices.see', 'audit.see'])
  })

  it('are none over the whole property for a token of some sites', () => {
    expect(verbsFor(['devices.see', 'access.manage', 'audit.see', 'broker.see', 'broker.manage'], true)).toEqual([
      'devices.see',
    ])
  })
})

import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import PanelState from './PanelState.vue'

const told = (over: Partial<InstanceType<typeof PanelState>['$props']> = {}) => {
  const calm = { fires: 0, lockdowns: 0, blind: false, loading: false, heard: Date.parse('2026-01-01T08:00:00Z') }
  const w = mount(PanelState, { props: { ...calm, ...over } })
  return [w.attributes('data-tone'), w.text()]
}

describe('PanelState', () => {
  it('is calm only when nothing stands and the server was heard', () => {
    expect(told()).toEqual(['calm', 'Nothing is released, nothing is locked down'])
    expect(told({ blind: true })[0]).toBe('unknown')
    expect(told({ loading: true })[0]).toBe('unknown')
  })

  it('counts what stands, and says it of what was heard last when it is blind', () => {
    expect(told({ fires: 2, lockdowns: 1 })).toEqual(['alarm', 'Fire release: 2 · Lockdown: 1'])
    expect(told({ fires: 2, blind: true })[1]).toMatch(/^Not known: nothing heard since .+ · Fire release: 2$/)
  })
})

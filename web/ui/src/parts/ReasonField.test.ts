import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import ReasonField from './ReasonField.vue'
import { longestReason, reasonsFor, reasonText } from './reasons'

function field(act: string) {
  const w = mount(ReasonField, {
    props: { act, modelValue: '', required: true, 'onUpdate:modelValue': (v: string) => w.setProps({ modelValue: v }) },
  })
  return w
}
const said = (w: ReturnType<typeof field>) => w.props('modelValue')

describe('a reason', () => {
  it('is one of the usual ones, own words, or both', async () => {
    const w = field('fire_release')
    const drill = w.findAll('button').find((b) => b.text() === 'Exercise')!
    const own = w.get('input')
    expect(own.attributes('required')).toBeDefined()
    await drill.trigger('click')
    expect([said(w), drill.attributes('aria-pressed')]).toEqual(['Exercise', 'true'])
    expect(own.attributes('required')).toBeUndefined()
    await own.setValue(' house 3 ')
    expect(said(w)).toBe('Exercise: house 3')
    expect(Number(own.attributes('maxlength'))).toBe(longestReason - 'Exercise: '.length)
    await drill.trigger('click')
    expect(said(w)).toBe('house 3')
  })

  it('starts anew when it is emptied', async () => {
    const w = field('restart')
    await w.findAll('button')[0]!.trigger('click')
    await w.setProps({ modelValue: '' })
    expect(w.findAll('[aria-pressed=true]')).toHaveLength(0)
  })

  it('has usual words for every act that asks for one', () => {
    for (const act of ['hold_open', 'lock_down', 'lockdown_release', 'fire_release', 'fire_end', 'batch', 'restart']) {
      expect(reasonsFor(act).length, act).toBeGreaterThan(1)
    }
    expect(reasonsFor('something new').length).toBeGreaterThan(1)
    expect(reasonText('', ' ')).toBe('')
  })
})

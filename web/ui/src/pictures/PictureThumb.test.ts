import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import PictureThumb from './PictureThumb.vue'

describe('PictureThumb', () => {
  it('opens a picture that cannot be made small all the same, and tries the next one anew', async () => {
    const w = mount(PictureThumb, { props: { device: 'c/1', event: 'e1', label: 'Show it' } })
    expect(w.get('img').attributes('src')).toBe('/api/v1/devices/c%2F1/events/e1/thumbnail')
    await w.get('img').trigger('error')
    expect(w.find('img').exists()).toBe(false)
    expect(w.text()).toBe('No preview')
    await w.get('button').trigger('click')
    expect(w.emitted('open')).toHaveLength(1)
    await w.setProps({ event: 'e2' })
    expect(w.find('img').exists()).toBe(true)
  })
})

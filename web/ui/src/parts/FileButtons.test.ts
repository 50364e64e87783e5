import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { useLanguage } from '@/i18n'
import FileButtons from './FileButtons.vue'
import { saveFile } from './save'

vi.mock('./save')

describe('buttons that save a list as a file', () => {
  afterEach(async () => {
    await useLanguage('en')
    vi.mocked(saveFile).mockReset()
  })

  it('save what the server writes under a name with the day', async () => {
    const content = new Blob(['row'], { type: 'text/csv' })
    const file = vi.fn<(format: string) => Promise<Blob>>(async () => content)
    const w = mount(FileButtons, { props: { name: 'shifts', file } })
    await w.findAll('button')[1]!.trigger('click')
    await flushPromises()
    expect(file.mock.calls).toEqual([['xlsx']])
    const name = expect.stringMatching(/^shifts-\d{4}-\d\d-\d\d\.xlsx$/) as string
    expect(vi.mocked(saveFile).mock.calls).toEqual([[content, name, 'text/csv']])
    expect(w.find('[role=alert]').exists()).toBe(false)
  })

  it('say in the language of the page how many may be saved, and what to do, if there are more', async () => {
    const bound = {
      location: 'query.from',
      code: 'too_many',
      bound: 50_000,
      message: 'more than 50000: choose less time',
    }
    const file = () => Promise.reject(new Problem('too_many', 'from: more than 50000', 422, [bound]))
    const w = mount(FileButtons, { props: { name: 'audit', file } })
    await w.findAll('button')[0]!.trigger('click')
    await flushPromises()
    expect(saveFile).not.toHaveBeenCalled()
    expect(w.get('[role=alert] p').text()).toContain('Choose less time, or narrow it by the filters.')
    expect(w.get('.fields').text()).toBe('at most 50,000 entries')
    await useLanguage('zh-CN')
    await flushPromises()
    expect(w.get('[role=alert] p').text()).toContain('请缩短时间范围，或用筛选条件缩小。')
    expect(w.get('.fields').text()).toBe('最多 50,000 项')
  })
})

import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import { queries } from '@/api/queries'
import type { BackupRunning, BackupState } from '@/api/types'
import BackupNow from './BackupNow.vue'

const queryKey = ['system', 'backups']
const quiet = { running: null, failed: null, backups: [], at: '', next: null } as unknown as BackupState
const running: BackupRunning = { began: '2026-11-21T12:00:00Z', by: 'Li', step: 'packing', done: 1, total: 4 }
const made = { name: 'a.tar.gz', made: '2026-11-21T12:00:01Z', bytes: 5e6, encrypted: false }

function show(state: BackupState) {
  return mount(BackupNow, {
    props: { state, queryKey },
    global: { plugins: [[VueQueryPlugin, { queryClient: queries }]] },
  })
}

describe('the button that has a backup made', () => {
  afterEach(() => {
    queries.clear()
    vi.restoreAllMocks()
  })

  it('waits while one is made, asks for no other, and says once how it ended', async () => {
    const post = vi.spyOn(api, 'makeBackup').mockResolvedValue({ ...quiet, running })
    const w = show(quiet)
    await w.get('button').trigger('click')
    await flushPromises()
    expect(queries.getQueryData(queryKey)).toEqual({ ...quiet, running })

    await w.setProps({ state: { ...quiet, running } })
    expect(w.get('button').text()).toBe('Waiting…')
    expect(w.get('button').attributes('aria-disabled')).toBe('true')
    await w.get('button').trigger('click')
    expect(post).toHaveBeenCalledOnce()
    const bar = () => w.get('progress')
    expect(bar().attributes('value')).toBe('0.25')
    // What is read out stays the same from the begin to the end.
    const said = () => w.get('[role=status]').text()
    expect(said()).toBe('A backup is being made')
    await w.setProps({ state: { ...quiet, running: { ...running, done: 3 } } })
    expect(said()).toBe('A backup is being made')
    await w.setProps({ state: { ...quiet, running: { ...running, step: 'copying', total: 0 } } })
    expect(bar().attributes('value')).toBeUndefined()

    await w.setProps({ state: { ...quiet, backups: [made] } })
    expect(said()).toBe('The backup was made, and is whole: 5 MB')
    expect(w.get('button').text()).toBe('Back up now')
    w.unmount()
  })

  it('shows one that somebody else began, and that it failed', async () => {
    const w = show({ ...quiet, running })
    expect(w.text()).toMatch(/Li asked for it at/)
    await w.setProps({ state: { ...quiet, failed: { at: '2026-11-21T12:00:09Z', why: 'the disk is full' } } })
    expect(w.get('[data-end]').attributes('data-end')).toBe('failed')
    w.unmount()
  })

  it('shows why it was refused, and asks how things stand', async () => {
    vi.spyOn(api, 'makeBackup').mockRejectedValue(new Problem('conflict', 'wait for its end', 409))
    const asked = vi.spyOn(queries, 'invalidateQueries')
    const w = show(quiet)
    await w.get('button').trigger('click')
    await flushPromises()
    expect(w.get('[role=alert]').text()).toContain('wait for its end')
    expect(asked).toHaveBeenCalledWith({ queryKey })
    w.unmount()
  })
})

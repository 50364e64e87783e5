import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from './api/endpoints'
import type { Me } from './api/types'
import { router } from './router'
import { can, me } from './session/session'

const answer = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })

/** The server refuses everything with a code, and says who the user is now. */
function refuse(code: string, now: Me): void {
  vi.stubGlobal(
    'fetch',
    vi.fn(async (request: Request) =>
      new URL(request.url).pathname === '/api/v1/session'
        ? answer(200, now)
        : answer(403, { code, title: code, status: 403, detail: code }),
    ),
  )
}

const chen: Me = {
  id: 'o1',
  name: 'Chen',
  role: 'guard',
  roleName: '',
  scope: { sites: [], zones: [], hours: [] },
  verbs: ['devices.see', 'devices.command'],
  language: 'en',
  mustChange: false,
  factor: false,
  factorNeeded: false,
  pin: false,
  atBooth: false,
  theme: '',
}

describe('what the server refuses that it allowed before', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })
  beforeEach(() => {
    vi.spyOn(router, 'push').mockResolvedValue(undefined)
    me.value = chen
  })

  it('brings whoever has to set up a second factor first to that page', async () => {
    refuse('factor_needed', { ...chen, factorNeeded: true })
    await expect(api.people()).rejects.toMatchObject({ code: 'factor_needed' })
    await vi.waitFor(() => expect(router.push).toHaveBeenCalledWith({ name: 'factor' }))
  })

  it('brings whoever has to choose a password first to that page', async () => {
    refuse('password_change_needed', { ...chen, mustChange: true })
    await expect(api.people()).rejects.toMatchObject({ code: 'password_change_needed' })
    await vi.waitFor(() => expect(router.push).toHaveBeenCalledWith({ name: 'password' }))
  })

  it('takes away what another role may not do', async () => {
    refuse('forbidden', { ...chen, role: 'auditor', verbs: ['devices.see'] })
    expect(can('devices.command')).toBe(true)
    await expect(api.people()).rejects.toMatchObject({ code: 'forbidden' })
    await vi.waitFor(() => expect(can('devices.command')).toBe(false))
  })
})

import { describe, expect, it } from 'vitest'
import type { BackupRunning, BackupState } from '@/api/types'
import { askedWords, endOf, endWords, partDone, policyFacts, stepWords } from './backups'

const running = (over: Partial<BackupRunning> = {}): BackupRunning => ({
  began: '2026-11-21T12:00:00.700Z',
  by: 'Li',
  step: 'packing',
  done: 25e6,
  total: 100e6,
  ...over,
})
const state = (over: Partial<BackupState> = {}): BackupState => ({
  at: '03:00',
  folder: '/data/backups',
  keep: 14,
  encrypted: false,
  pictures: false,
  sameDisk: true,
  running: null,
  failed: null,
  next: '2026-11-22T03:00:00Z',
  unread: '',
  backups: [],
  ...over,
})
const file = (made: string) => ({ name: `gatehouse-${made}.tar.gz`, made, bytes: 2e6, encrypted: false })

describe('a backup that is being made', () => {
  it('says its step, and how much of it is done', () => {
    expect(stepWords(running())).toBe('Packing: 25 MB of 100 MB (25%)')
    expect(stepWords(running({ step: 'verifying', done: 999_999, total: 1e6 }))).toMatch(/^Reading it back: .*\(99%\)$/)
  })

  it('reckons nothing of what is not known, and never more than all', () => {
    expect(partDone(running({ step: 'copying', done: 7, total: 0 }))).toBeUndefined()
    expect(stepWords(running({ step: 'copying', done: 7, total: 0 }))).toBe('Copying the database')
    expect(partDone(running({ done: 120e6 }))).toBe(1)
    expect(stepWords(running({ done: 120e6 }))).toBe('Packing: 100 MB of 100 MB (100%)')
  })

  it('says who asked for it, or that nobody did', () => {
    expect(askedWords(running())).toMatch(/^Li asked for it at .*2026/)
    expect(askedWords(running({ by: '' }))).toMatch(/^The daily one, since .*2026/)
  })
})

describe('the end of a backup', () => {
  it('is a new file, a failure, or neither where the server ended meanwhile', () => {
    const { began } = running()
    const older = file('2026-11-20T03:00:00Z')
    const end = endOf(began, { failed: null, backups: [file('2026-11-21T12:00:00Z'), older] })
    expect(endWords(end)).toBe('The backup was made, and is whole: 2 MB')
    expect(endOf(began, { failed: { at: '2026-11-21T12:01:00Z', why: 'full' }, backups: [older] }).how).toBe('failed')
    expect(endOf(began, { failed: null, backups: [older] }).how).toBe('lost')
    expect(endOf(began, { failed: null, backups: [] }).how).toBe('lost')
  })

  it('is known of one that was over before anybody saw it', () => {
    expect(endOf(undefined, { failed: null, backups: [file('2026-11-20T03:00:00Z')] }).how).toBe('made')
    expect(endOf(undefined, { failed: { at: '2026-11-21T12:01:00Z', why: 'full' }, backups: [] }).how).toBe('failed')
  })
})

describe('how backups are made', () => {
  const facts = (over: Partial<BackupState>) =>
    Object.fromEntries(
      policyFacts(state(over), Date.parse('2026-11-21T12:00:00Z')).map((x) => [
        x.label,
        [x.value, x.more].filter(Boolean).join(', '),
      ]),
    )

  it('is said with the clock that counts, and where they go', () => {
    const said = facts({})
    expect(said['By itself']).toBe("Daily at 03:00, by the clock of the server's machine")
    expect(said['Next one']).toMatch(/2026/)
    expect(said['Kept']).toBe('14, the oldest go first')
    expect(said['Folder']).toBe('/data/backups, on the disk of the data')
    expect(facts({ sameDisk: null })['Folder']).toMatch(/is not known$/)
    expect(facts({ next: '2026-11-21T11:59:59Z' })['Next one']).toBe('Due now')
  })

  it('says that none is made by itself, and names no next one', () => {
    const said = facts({ at: '', next: null })
    expect(said['By itself']).toMatch(/^Never/)
    expect(said).not.toHaveProperty('Next one')
  })
})

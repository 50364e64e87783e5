import { describe, expect, it } from 'vitest'
import type { SystemPart, SystemState, SystemStorage } from '@/api/types'
import { byNeed, daysLeft, partWords, storageFacts, wholeOf } from './health'

const part = (over: Partial<SystemPart>): SystemPart => ({
  name: 'disk',
  state: 'ok',
  why: 'room',
  milliseconds: null,
  bytes: null,
  total: null,
  count: null,
  time: null,
  detail: '',
  ...over,
})
const storage = (over: Partial<SystemStorage> = {}): SystemStorage => ({
  database: 1024,
  wal: 0,
  sessions: 0,
  pictures: 0,
  pictureCount: 0,
  oldestPicture: null,
  trailRows: 0,
  diskFree: 100,
  diskTotal: 1000,
  growthPerDay: null,
  growthSince: null,
  keepPictures: 30,
  pictureSpace: 0,
  keepStates: 400,
  keepAuditTrail: 1095,
  ...over,
})

describe('the health of the server', () => {
  it('is that of its worst part, which stands first', () => {
    const parts = [part({}), part({ name: 'trail', state: 'unknown' }), part({ name: 'wal', state: 'bad' })]
    expect(byNeed(parts).map((p) => p.name)).toEqual(['wal', 'trail', 'disk'])
    expect(wholeOf({ parts } as SystemState)).toBe('bad')
    expect(wholeOf({ parts: [] as SystemPart[] } as SystemState)).toBe('unknown')
  })

  it('says with its figures what is the matter, and something of every part that cannot be asked', () => {
    expect(partWords(part({ why: 'low', bytes: 1 << 30, total: 2 ** 40 }))).toMatch(/^little room: 1.*GB of 1.*GB free/)
    expect(
      partWords(part({ name: 'clock', why: 'stepped', milliseconds: -90_000, time: '2026-01-01T00:00:00Z' })),
    ).toMatch(/^jumped by 1 min at /)
    expect(partWords(part({ name: 'trail', why: 'unknown' }))).toBe('it cannot be found out')
    const backup = (over: Partial<SystemPart>) => partWords(part({ name: 'backup', ...over }))
    const time = '2026-01-01T00:00:00Z'
    expect(backup({ why: 'made', time })).toMatch(/^the newest is of .*2026/)
    expect(backup({ why: 'old', time })).toMatch(/^the newest is of .*2026.*: none was made since/)
    expect(backup({ why: 'never' })).toBe('none was made yet')
    expect(backup({ why: 'off' })).toMatch(/backup\.at/)
    expect(backup({ why: 'failed', time })).toMatch(/^the last one went wrong; the newest good one is of .*2026/)
    expect(backup({ why: 'failed' })).toBe('the last one went wrong')
  })
})

describe('storage', () => {
  it('foretells a full disk only while it grows', () => {
    expect(daysLeft(storage({ growthPerDay: 9 }))).toBe(11)
    expect(daysLeft(storage({ growthPerDay: 0 }))).toBeUndefined()
    expect(daysLeft(storage({ growthPerDay: -3 }))).toBeUndefined()
    expect(daysLeft(storage())).toBeUndefined()
    expect(daysLeft(storage({ growthPerDay: 9, diskFree: null }))).toBeUndefined()
  })

  it('never shows what is not known as nothing', () => {
    const facts = storageFacts(storage({ pictures: null, diskFree: null, diskTotal: null }))
    const value = (label: string) => facts.find((x) => x.label === label)!.value
    expect([value('Pictures'), value('Free on the disk'), value('Growth in a day')]).toEqual([
      'not known',
      'not known',
      'measuring…',
    ])
  })
})

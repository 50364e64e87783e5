import { expect, it } from 'vitest'
import type { Schedule, ScheduleRun, TimetableRun, TimetableSlot } from '@/api/types'
import { agendaDays } from './agenda'

const zoneOf = () => 'Asia/Shanghai'
const run = (due: string, over: Partial<TimetableRun> = {}) =>
  ({
    timetable: 't1',
    name: 'Mornings',
    site: 's1',
    due,
    why: 'began',
    mode: 'held_open',
    until: null,
    outcome: 'done',
    detail: '',
    ...over,
  }) as TimetableRun

it('has what was and what comes by the day of the site, in order', () => {
  const days = agendaDays(
    {
      past: [
        run('2026-11-26T01:00:00Z', { why: 'ended', mode: 'controlled' }),
        run('2026-11-25T23:00:00Z'), // 07:00 of the 26th in Shanghai
        run('2026-11-24T23:00:00Z', { outcome: 'skipped', detail: 'left out by Wang' }),
      ],
      coming: [
        {
          timetable: 't1',
          name: 'Mornings',
          site: 's1',
          start: '2026-11-26T23:00:00Z',
          from: '07:00',
          to: '09:00',
          mode: 'held_open',
          leftOut: true,
        } as TimetableSlot,
      ],
      runs: [],
      next: [],
    },
    zoneOf,
  )
  expect(days.map((d) => [d.day, d.entries.map((e) => `${e.when} ${e.word} ${e.tone}`)])).toEqual([
    ['2026-11-25', ['07:00:00 Skipped bad']],
    ['2026-11-26', ['07:00:00 Done good', '09:00:00 Done good']],
    ['2026-11-27', ['07:00–09:00 Left out plain']],
  ])
  expect(days[0]!.entries[0]!.what).toBe('Held open · Left out by Wang')
})

it('has timed commands once for each time, with how many devices', () => {
  const runs = ['g1', 'g2'].map(
    (device) => ({ schedule: 'c1', site: 's1', device, due: '2026-11-26T01:00:00Z', outcome: 'sent' }) as ScheduleRun,
  )
  const next = [
    { id: 'c1', name: 'Bell', site: 's1', timeZone: zoneOf(), next: '2026-11-27T01:00:00Z', devices: ['g1'] },
  ] as Schedule[]
  const days = agendaDays({ past: [], coming: [], runs, next }, zoneOf)
  expect(days.flatMap((d) => d.entries.map((e) => `${d.day} ${e.when} ${e.name} ${e.word} ${e.what}`))).toEqual([
    '2026-11-26 09:00:00 Bell Sent Timed command · 2 devices',
    '2026-11-27 09:00 Bell Comes Timed command, next time · 1 device',
  ])
})

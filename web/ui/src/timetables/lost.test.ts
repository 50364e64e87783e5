import { expect, it } from 'vitest'
import type { Schedule, TimetableCover } from '@/api/types'
import { lossWords } from './lost'

const cover = (how: TimetableCover['how'], only = false): TimetableCover => ({ timetable: how, name: how, how, only })
const command = (name: string, ...devices: string[]) => ({ name, devices }) as Schedule

it('says which timetables and timed commands lose a device that is retired or moved to another site', () => {
  for (const what of ['retire', 'transfer'] as const)
    expect(
      lossWords(
        'g1',
        what,
        [cover('device'), cover('device', true), cover('zone'), cover('site')],
        [command('Bell', 'g1'), command('Both', 'g1', 'g2'), command('Other', 'g2')],
      ),
    ).toEqual([
      '“device” loses it',
      '“device” loses it and covers nothing any more',
      '“zone” covers the place, and goes on without it',
      '“site” covers the place, and goes on without it',
      'Timed command “Bell” pauses',
      'Timed command “Both” goes on for its other devices',
    ])
})

it('says that they follow a device that is replaced', () => {
  expect(lossWords('g1', 'replace', [cover('device', true), cover('zone')], [command('Bell', 'g1')])).toEqual([
    '“device” follows to the new device',
    '“zone” covers the place, and goes on with the new device',
    'Timed command “Bell” follows to the new device',
  ])
})

import type { Schedule, TimetableCover } from '@/api/types'
import { t } from '@/i18n'

/** What becomes of a device in service: it is taken out of it, or another one takes its place. */
export type Leaving = 'retire' | 'replace' | 'transfer'

/** What becomes of the timetables and timed commands that name a device when it leaves, in words. */
export function lossWords(
  device: string,
  what: Leaving,
  timetables: readonly TimetableCover[],
  schedules: readonly Schedule[],
): string[] {
  return [
    ...timetables.map((x) => tableWords(x, what)),
    ...schedules.filter((s) => s.devices.includes(device)).map((s) => commandWords(s, what)),
  ]
}

function tableWords(x: TimetableCover, what: Leaving): string {
  const { name } = x
  if (x.how !== 'device')
    return what === 'replace' ? t('timetables.placeStays', { name }) : t('timetables.losesPlace', { name })
  if (what === 'replace') return t('timetables.follows', { name })
  return x.only ? t('timetables.losesAll', { name }) : t('timetables.loses', { name })
}

function commandWords(s: Schedule, what: Leaving): string {
  const { name } = s
  if (what === 'replace') return t('timetables.commandFollows', { name })
  return s.devices.length > 1 ? t('timetables.commandLoses', { name }) : t('timetables.commandPauses', { name })
}

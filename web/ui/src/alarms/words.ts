import { computed } from 'vue'
import type { Alarm, AlarmHistory } from '@/api/types'
import { t, tc } from '@/i18n'
import { alarms } from '@/live/state'
import { goDuration } from '@/parts/goDuration'
import { actorWord } from '@/parts/orderWords'
import { driftWords } from '@/wall/words'
import { byUrgency, isLoud } from './inbox'

/** What an alarm is about, with its detail if that says more. */
export function alarmWords(a: Alarm): string {
  const detail = detailWord(a)
  const what = tc('alarms.type', a.type)
  return detail ? t('common.colon', { label: what, value: detail }) : what
}

/** The detail in words, where it is a code that is known here. */
export function detailWord(a: Pick<Alarm, 'type' | 'detail'>): string {
  switch (a.type) {
    case 'offline':
      return tc('device.cause', a.detail)
    case 'forced_open':
    case 'opened_without_command':
      return tc('device.trigger', a.detail)
    case 'did_not_move':
    case 'uncertain':
      return tc('command.action', a.detail)
    case 'tailgating':
    case 'reverse_entry':
    case 'climb_over':
    case 'pass_timeout':
      return tc('device.directionLong', a.detail)
    case 'clock_drift': {
      const off = goDuration(a.detail)
      return off === undefined ? a.detail : driftWords(off)
    }
    case 'mode_not_taken':
      return untakenWord(a.detail)
    case 'fault':
      return a.detail === 'fault' ? '' : a.detail // it has no code
    default:
      return a.detail
  }
}

const modes: Record<string, string> = {
  controlled: 'controlled',
  'held open': 'held_open',
  'held closed': 'held_closed',
}

/** What a check of a timetable found, in words. */
function untakenWord(detail: string): string {
  const [, wanted, found] = /^it is to be (.+), and (.+)$/.exec(detail) ?? []
  const mode = (word: string): string => tc('device.mode', modes[word] ?? word)
  if (!wanted || !found) return detail
  const what = { mode: mode(wanted) }
  if (found === 'is offline') return t('alarms.untaken.offline', what)
  if (found === 'says that it takes no modes') return t('alarms.untaken.unable', what)
  const reported = /^reports (.+)$/.exec(found)?.[1]
  if (!reported) return detail
  return reported === 'nothing'
    ? t('alarms.untaken.silent', what)
    : t('alarms.untaken.other', { ...what, reported: mode(reported) })
}

type Entry = AlarmHistory['history'][number]

/** What an entry of the history says: of what happened the detail, of what people did their own words. */
export const entryText = (type: Alarm['type'], e: Pick<Entry, 'what' | 'text'>): string =>
  ['raised', 'repeated', 'returned'].includes(e.what) ? detailWord({ type, detail: e.text }) : e.text

/** Who it was. The platform has no name here. */
export const entryBy = (e: Pick<Entry, 'by'>): string =>
  actorWord(e.by.kind === 'system' ? { ...e.by, name: '' } : e.by)

const loudest = computed(() => {
  const of = new Map<string, Alarm>()
  const now = alarms.all().filter((a) => isLoud(a) && (a.cause !== null || a.over === null))
  for (const a of now.sort(byUrgency)) if (!of.has(a.device)) of.set(a.device, a)
  return of
})

/** The most urgent alarm of a device that nobody has seen. A condition that is over is left out: a tile says what is. */
export const loudOf = (id: string): Alarm | undefined => loudest.value.get(id)

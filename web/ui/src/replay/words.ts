import type { RouteLocationRaw } from 'vue-router'
import type { Alarm, ReplayLine } from '@/api/types'
import { entryText } from '@/alarms/words'
import { changeWords, fieldWord } from '@/changes/words'
import { t, tc } from '@/i18n'
import { deviceName, siteName, zoneName } from '@/live/places'
import { actionWord, actorWord } from '@/parts/orderWords'
import { runWords, skippedWords } from '@/timetables/words'
import { causeWord, eventWords } from '@/wall/words'

/** What a line says: what happened, who did it, and why. */
export interface Words {
  what: string
  who: string
  why: string
}

type Actor = Parameters<typeof actorWord>[0]
const by = (a: Actor | null): string => (a ? actorWord(a.kind === 'system' ? { ...a, name: '' } : a) : '')

export function lineWords(l: ReplayLine, zone: string): Words {
  if (l.command) {
    const what = t('common.colon', {
      label: actionWord(l.command.action, l.command.args),
      value: tc('command.step', l.command.step),
    })
    return { what, who: by(l.command.actor), why: l.command.reason }
  }
  if (l.layer) return layerWords(l.layer)
  if (l.switch) return switchWords(l.switch, zone)
  if (l.link) return { what: linkWords(l.link), who: '', why: '' }
  if (l.change)
    return {
      what: t('common.colon', { label: fieldWord(l.change.field), value: changeWords(l.change) }),
      who: '',
      why: '',
    }
  if (l.event) return { what: eventWords(l.event), who: '', why: '' }
  if (l.picture) return { what: t('replay.tookPicture'), who: '', why: '' }
  if (l.alarm) return alarmLine(l.alarm)
  if (l.act) return actWords(l.act)
  return { what: l.kind, who: '', why: '' }
}

function layerWords(l: NonNullable<ReplayLine['layer']>): Words {
  const layer = tc('safety.layer', l.layer)
  const value = l.set ? tc('device.mode', l.mode) : t('replay.released')
  const direction = l.scope.direction ? tc('device.directionLong', l.scope.direction) : ''
  return {
    what: [t('common.colon', { label: layer, value }), direction].filter(Boolean).join(' · '),
    who: by(l.by),
    why: l.reason,
  }
}

function switchWords(r: NonNullable<ReplayLine['switch']>, zone: string): Words {
  const done = r.outcome === 'skipped' ? tc('timetables.outcome', r.outcome) : runWords(r, zone)
  return {
    what: t('common.colon', { label: r.name, value: done }),
    who: r.by || t('replay.byClock'),
    why: r.outcome === 'skipped' && r.detail ? skippedWords(r.detail, zone) : '',
  }
}

function linkWords(l: NonNullable<ReplayLine['link']>): string {
  if (l.online) return tc('device.link', 'online')
  return t('common.colon', { label: tc('device.link', 'offline'), value: causeWord(l.cause) })
}

function alarmLine(a: NonNullable<ReplayLine['alarm']>): Words {
  const what = t('common.colon', { label: tc('alarms.type', a.type), value: tc('alarms.happened', a.what) })
  return { what, who: by(a.by), why: entryText(a.type as Alarm['type'], { what: a.what, text: a.text }) }
}

function actWords(a: NonNullable<ReplayLine['act']>): Words {
  const verb = tc('pages.audit.verbs', a.verb)
  const what =
    a.outcome === 'ok' ? verb : t('common.colon', { label: verb, value: tc('pages.audit.outcomes', a.outcome) })
  return { what, who: by(a.actor), why: a.reason }
}

/** What a line is of, by name. */
export function placeWord(l: ReplayLine, site: string): string {
  if (l.device) return deviceName(l.device)
  if (l.layer?.scope.kind === 'group') return t('replay.fireGroup', { name: l.layer.scope.id })
  return l.zone ? zoneName(l.zone) : siteName(site)
}

/** Where the thing that a line tells of is shown. */
export function objectOf(l: ReplayLine): RouteLocationRaw | undefined {
  if (l.alarm) return { name: 'alarm', params: { id: l.alarm.id } }
  if (l.switch) return { name: 'timetable', params: { id: l.switch.timetable } }
  if (l.act) return { name: 'audit', query: { object: l.act.object } }
  if (l.picture) return { name: 'pictures', query: { device: l.device } }
  if (l.layer) return l.device ? page(l.device, 'history') : { name: 'safety' }
  if (!l.device) return undefined
  if (l.command) return page(l.device, 'history')
  if (l.event) return page(l.device, 'events')
  return page(l.device, l.link ? 'presence' : 'states')
}

const page = (id: string, tab: string): RouteLocationRaw => ({ name: 'devicePage', params: { id }, query: { tab } })

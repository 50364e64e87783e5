import type {
  TimetableDryRun,
  TimetableOverlap,
  TimetablePeriod,
  TimetableResult,
  TimetableRun,
  TimetableSpan,
  TimetableTarget,
} from '@/api/types'
import { detailWord as alarmWord } from '@/alarms/words'
import { t, tc, tn } from '@/i18n'
import { f } from '@/i18n/use'
import { deviceName, siteName, zoneName } from '@/live/places'
import { goDuration } from '@/parts/goDuration'
import { columns, type Column } from './week'

/** A column of the grid: Mon, or the kind of day that it is for. */
export function columnWord(c: Column): string {
  const weekday = columns.indexOf(c) + 1
  return weekday <= 7 ? f.weekday(weekday) : tc('timetables.column', c)
}

/** What is covered, by name. */
export function targetWord(x: TimetableTarget): string {
  if (x.site) return t('timetables.wholeSite', { name: siteName(x.site) })
  if (x.zone) return t('timetables.wholeZone', { name: zoneName(x.zone) })
  return openingWord(deviceName(x.device ?? ''), x.direction ?? '')
}

export const openingWord = (name: string, direction: string): string =>
  direction ? `${name} · ${tc('device.directionLong', direction)}` : name

/** 07:00–09:00 Held open, from the first arrival on. */
export function periodWords(p: Pick<TimetablePeriod, 'from' | 'to' | 'mode' | 'firstArrival'>): string {
  const words = `${p.from}–${p.to} ${tc('device.mode', p.mode)}`
  return p.firstArrival ? `${words} · ${t('timetables.firstArrival')}` : words
}

/** What clocks do around a period, and what it means for it. */
export function clockNotes(s: TimetableSpan, zone: string): string[] {
  const clock = (at: string) => f.clock(at, zone).slice(0, 5)
  const notes: string[] = []
  if (s.startSkipped) notes.push(t('timetables.clock.startSkipped', { said: s.from, at: clock(s.start) }))
  if (s.endSkipped) notes.push(t('timetables.clock.endSkipped', { said: s.to, at: clock(s.end) }))
  if (s.startTwice) notes.push(t('timetables.clock.startTwice', { said: s.from }))
  if (s.endTwice) notes.push(t('timetables.clock.endTwice', { said: s.to }))
  return notes
}

/** Another timetable over the same openings, which of both counts, and why. */
export function overlapWords(o: TimetableOverlap, zone: string): string {
  return tn('timetables.overlap', o.openings, {
    start: f.dayTime(o.start, zone),
    end: f.dayTime(o.end, zone),
    name: o.name,
    which: o.wins ? t('timetables.thisOne') : t('timetables.thatOne'),
    why: tc('timetables.because', o.why),
  })
}

/** What a run said: Held open until 09:00, or that nothing is held any more. */
export function runWords(r: Pick<TimetableRun, 'mode' | 'until' | 'firstArrival'>, zone?: string): string {
  if (r.mode === 'controlled') return t('timetables.releases')
  const words = r.until
    ? t('timetables.holdsUntil', { mode: tc('device.mode', r.mode), until: f.dayTime(r.until, zone) })
    : tc('device.mode', r.mode)
  return r.firstArrival ? `${words} · ${t('timetables.firstArrival')}` : words
}

/** Why a run was skipped: the server says it in English. */
export function skippedWords(detail: string, zone?: string): string {
  const by = /^left out by (.*)$/.exec(detail)?.[1]
  if (by !== undefined) return t('timetables.skipped.leftOut', { by })
  const late = goDuration(/^too late by ([^:]*):/.exec(detail)?.[1] ?? '')
  if (late !== undefined) return t('timetables.skipped.late', { span: f.span(late) })
  if (detail === 'the server stopped before it was carried out') return t('timetables.skipped.stopped')
  const ahead = /^the clock was ahead when it was carried out: released at (\S+)$/.exec(detail)?.[1]
  if (ahead) return t('timetables.skipped.ahead', { at: f.dateTime(ahead, zone) })
  if (detail.startsWith('a later switch took its place')) return t('timetables.skipped.overtaken')
  const [, count, from, to] = /^(\d+) switches from (\S+) to ([^:]+:\d\d:\d\d\S*?):? nothing/.exec(detail) ?? []
  if (count && from && to)
    return t('timetables.skipped.many', { count, from: f.dateTime(from, zone), to: f.dateTime(to, zone) })
  return detail
}

/** What the check of an opening found. */
export function foundWords(r: Pick<TimetableResult, 'check' | 'found'>): string {
  const over = /^(\w+) by (.*)$/.exec(r.found)
  if (r.check === 'overruled' && over)
    return t('timetables.ruledBy', { layer: tc('safety.layer', over[1]!), by: over[2]! })
  return r.found ? alarmWord({ type: 'mode_not_taken', detail: r.found }) : ''
}

/** What became of a run or an opening, for its colour. */
export type Tone = 'good' | 'bad' | 'way' | 'plain'

export const runTone = (r: Pick<TimetableRun, 'outcome'>): Tone =>
  r.outcome === 'done' ? 'good' : r.outcome === 'claimed' ? 'way' : 'bad'

export const checkTone = (check: TimetableResult['check']): Tone =>
  check === 'reached'
    ? 'good'
    : check === 'not_reached' || check === 'offline' || check === 'unable'
      ? 'bad'
      : check === 'overruled'
        ? 'way'
        : 'plain'

type WouldBe = TimetableDryRun['openings'][number]

/** Which layer would rule an opening. */
export function rulerWords(w: WouldBe, name: string): string {
  if (!w.layer) return t('timetables.noRuler')
  if (w.wins) return t('timetables.ruledByThis', { name })
  return t('timetables.ruledBy', { layer: tc('safety.layer', w.layer), by: w.by })
}

/** Whether an opening would be told, or why not. */
export function tellWords(w: WouldBe): string {
  if (w.sends) return t('timetables.tell.sends')
  if (w.waits) return t('timetables.tell.waits')
  if (!w.online) return t('timetables.tell.offline')
  if (!w.able) return t('timetables.tell.unable')
  return t('timetables.tell.same')
}

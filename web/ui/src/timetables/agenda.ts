import type { TimetableRun, TimetableSlot } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { dayIn } from '@/statistics/days'
import { periodWords, runTone, runWords, skippedWords, type Tone } from './words'

/** One line of the agenda: a switch that was, or a period that comes. */
export interface AgendaEntry {
  key: string
  at: number
  /** By the clock of the site. */
  when: string
  timetable: string
  name: string
  site: string
  word: string
  what: string
  why: string
  tone: Tone
}

export interface AgendaDay {
  day: string
  entries: AgendaEntry[]
}

/** What was and what comes, by day of each site's clock, in order. */
export function agendaDays(
  agenda: { past: TimetableRun[]; coming: TimetableSlot[] },
  zoneOf: (site: string) => string,
): AgendaDay[] {
  const days = new Map<string, AgendaEntry[]>()
  const add = (site: string, at: string, entry: Omit<AgendaEntry, 'at' | 'site'>) => {
    const day = dayIn(zoneOf(site), Date.parse(at))
    days.set(day, [...(days.get(day) ?? []), { ...entry, site, at: Date.parse(at) }])
  }
  for (const r of agenda.past) add(r.site, r.due, pastEntry(r, zoneOf(r.site)))
  for (const s of agenda.coming) add(s.site, s.start, comingEntry(s, zoneOf(s.site)))
  return [...days]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([day, entries]) => ({ day, entries: entries.sort((a, b) => a.at - b.at) }))
}

function pastEntry(r: TimetableRun, zone: string): Omit<AgendaEntry, 'at' | 'site'> {
  const what = runWords(r, zone)
  return {
    key: `${r.timetable} ${r.due} was`,
    when: f.clock(r.due, zone),
    timetable: r.timetable,
    name: r.name,
    word: tc('timetables.outcome', r.outcome),
    what: r.outcome === 'skipped' && r.detail ? `${what} · ${skippedWords(r.detail, zone)}` : what,
    why: r.why,
    tone: runTone(r),
  }
}

function comingEntry(s: TimetableSlot, zone: string): Omit<AgendaEntry, 'at' | 'site'> {
  return {
    key: `${s.timetable} ${s.start} comes`,
    when: `${f.clock(s.start, zone).slice(0, 5)}–${s.to}`,
    timetable: s.timetable,
    name: s.name,
    word: s.leftOut ? t('timetables.leftOutShort') : t('timetables.comes'),
    what: periodWords(s),
    why: '',
    tone: s.leftOut ? 'plain' : 'way',
  }
}

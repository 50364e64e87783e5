import type { RouteLocationRaw } from 'vue-router'
import type { Schedule, ScheduleRun, TimetableRun, TimetableSlot } from '@/api/types'
import { t, tc, tn } from '@/i18n'
import { f } from '@/i18n/use'
import { dayIn } from '@/statistics/days'
import { periodWords, runTone, runWords, skippedWords, type Tone } from './words'

/** One line of the agenda: a switch or a timed command that was, or one that comes. */
export interface AgendaEntry {
  key: string
  at: number
  /** By the clock of the site. */
  when: string
  name: string
  /** Its history. */
  to: RouteLocationRaw
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

/** What an agenda is made of. */
export interface AgendaParts {
  past: readonly TimetableRun[]
  coming: readonly TimetableSlot[]
  /** Timed commands of the span: those that ran, and the next time of each. */
  runs: readonly ScheduleRun[]
  next: readonly Schedule[]
}

/** What was and what comes, by day of each site's clock, in order. */
export function agendaDays(parts: AgendaParts, zoneOf: (site: string) => string): AgendaDay[] {
  const days = new Map<string, AgendaEntry[]>()
  const add = (site: string, at: string, entry: Entry) => {
    const day = dayIn(zoneOf(site), Date.parse(at))
    days.set(day, [...(days.get(day) ?? []), { ...entry, site, at: Date.parse(at) }])
  }
  for (const r of parts.past) add(r.site, r.due, pastEntry(r, zoneOf(r.site)))
  for (const s of parts.coming) add(s.site, s.start, comingEntry(s, zoneOf(s.site)))
  for (const group of grouped(parts.runs))
    add(group[0]!.site, group[0]!.due, commandEntry(group, parts.next, zoneOf(group[0]!.site)))
  for (const s of parts.next) if (s.next) add(s.site, s.next, nextEntry(s, s.next))
  return [...days]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([day, entries]) => ({ day, entries: entries.sort((a, b) => a.at - b.at) }))
}

type Entry = Omit<AgendaEntry, 'at' | 'site'>

/** Runs of one schedule at one time with one outcome: one for each of its devices. */
function grouped(runs: readonly ScheduleRun[]): ScheduleRun[][] {
  const groups = new Map<string, ScheduleRun[]>()
  for (const r of runs) {
    const key = `${r.schedule} ${r.due} ${r.outcome}`
    groups.set(key, [...(groups.get(key) ?? []), r])
  }
  return [...groups.values()]
}

const commandTo = (schedule: string): RouteLocationRaw => ({ name: 'scheduleHistory', query: { schedule } })
const tableTo = (timetable: string): RouteLocationRaw => ({ name: 'timetables', query: { tab: 'history', timetable } })

const runTones: Record<ScheduleRun['outcome'], Tone> = { sent: 'good', claimed: 'way', skipped: 'bad', failed: 'bad' }

function commandEntry(group: readonly ScheduleRun[], schedules: readonly Schedule[], zone: string): Entry {
  const r = group[0]!
  return {
    key: `${r.schedule} ${r.due} ${r.outcome} ran`,
    when: f.clock(r.due, zone),
    name: schedules.find((s) => s.id === r.schedule)?.name ?? t('schedules.deleted'),
    to: commandTo(r.schedule),
    word: tc('schedules.outcome', r.outcome),
    what: `${t('timetables.command')} · ${tn('timetables.commandSent', group.length)}`,
    why: '',
    tone: runTones[r.outcome],
  }
}

const nextEntry = (s: Schedule, next: string): Entry => ({
  key: `${s.id} ${next} comes`,
  when: f.clock(next, s.timeZone).slice(0, 5),
  name: s.name,
  to: commandTo(s.id),
  word: t('timetables.comes'),
  what: `${t('timetables.commandNext')} · ${tn('timetables.commandSent', s.devices.length)}`,
  why: '',
  tone: 'way',
})

function pastEntry(r: TimetableRun, zone: string): Entry {
  const what = runWords(r, zone)
  return {
    key: `${r.timetable} ${r.due} was`,
    when: f.clock(r.due, zone),
    name: r.name,
    to: tableTo(r.timetable),
    word: tc('timetables.outcome', r.outcome),
    what: r.outcome === 'skipped' && r.detail ? `${what} · ${skippedWords(r.detail, zone)}` : what,
    why: r.why,
    tone: runTone(r),
  }
}

function comingEntry(s: TimetableSlot, zone: string): Entry {
  return {
    key: `${s.timetable} ${s.start} comes`,
    when: `${f.clock(s.start, zone).slice(0, 5)}–${s.to}`,
    name: s.name,
    to: tableTo(s.timetable),
    word: s.leftOut ? t('timetables.leftOutShort') : t('timetables.comes'),
    what: periodWords(s),
    why: '',
    tone: s.leftOut ? 'plain' : 'way',
  }
}

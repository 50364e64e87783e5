import { beforeEach, describe, expect, it } from 'vitest'
import type { TimetableOverlap, TimetableSpan, TimetableWouldBe } from '@/api/types'
import { paint } from '@/live/state'
import { device, snapshot } from '@/test/things'
import {
  clockNotes,
  foundWords,
  overlapWords,
  periodWords,
  rulerWords,
  runWords,
  skippedWords,
  targetWord,
  tellWords,
} from './words'

const zone = 'Europe/Berlin'
const span = (over: Partial<TimetableSpan>): TimetableSpan => ({
  start: '2026-03-29T01:00:00Z',
  end: '2026-03-29T05:00:00Z',
  mode: 'held_open',
  firstArrival: false,
  day: '2026-03-29',
  column: 'sunday',
  from: '02:30',
  to: '07:00',
  startSkipped: false,
  endSkipped: false,
  startTwice: false,
  endTwice: false,
  ...over,
})

describe('what is said of a timetable', () => {
  beforeEach(() => paint(snapshot({ devices: [device({ kind: 'turnstile', name: 'Turnstile' })] }), true))

  it('names what it covers', () => {
    expect(targetWord({ site: 's1' })).toBe('All of Site')
    expect(targetWord({ zone: 'z1' })).toBe('Zone Zone')
    expect(targetWord({ device: 'g1', direction: 'in' })).toBe('Turnstile · Entering')
    expect(targetWord({ device: 'gone' })).toBe('gone')
  })

  it('says what clocks do around a period', () => {
    expect(clockNotes(span({}), zone)).toEqual([])
    expect(clockNotes(span({ startSkipped: true }), zone)).toEqual([
      'The clock is put forward and has no 02:30: it begins at 03:00.',
    ])
    expect(clockNotes(span({ from: '02:00', startTwice: true, to: '02:30', endTwice: true }), zone)).toEqual([
      'The clock is put back and shows 02:00 twice: it begins at the first.',
      'The clock is put back and shows 02:30 twice: it ends at the first.',
    ])
  })

  it('says which of two timetables counts, and why', () => {
    const overlap: TimetableOverlap = {
      timetable: 't2',
      name: 'Zone nights',
      start: '2026-11-30T07:00:00Z',
      end: '2026-11-30T08:00:00Z',
      openings: 3,
      wins: false,
      why: 'closes',
    }
    expect(overlapWords(overlap, zone)).toMatch(
      /^From Mon.+08:00 to Mon.+09:00, “Zone nights” covers 3 of the same openings: that one counts, because it holds closed\.$/,
    )
    expect(overlapWords({ ...overlap, wins: true, why: 'more_exact' }, zone)).toMatch(
      /: this one counts, because it names the opening more exactly\.$/,
    )
  })

  it('says what a switch did, and why one was skipped', () => {
    expect(periodWords({ from: '07:00', to: '09:00', mode: 'held_open', firstArrival: true })).toBe(
      '07:00–09:00 Held open · from the first arrival on',
    )
    expect(runWords({ mode: 'controlled', until: null, firstArrival: false })).toBe('Holds nothing from then on')
    expect(runWords({ mode: 'held_closed', until: '2026-11-30T08:00:00Z', firstArrival: false }, zone)).toMatch(
      /^Held closed until Mon.+09:00$/,
    )
    expect(skippedWords('left out by Wang')).toBe('Left out by Wang')
    expect(skippedWords('too late by 6m30s: nothing ran when it was due')).toBe(
      'Too late by 6 min: nothing ran when it was due',
    )
    expect(skippedWords('a later switch took its place: nothing ran when it was due')).toMatch(/^Nothing ran/)
    expect(
      skippedWords(
        '40 switches from 2026-11-01T06:00:00Z to 2026-11-20T08:00:00Z: nothing ran when they were due',
        zone,
      ),
    ).toMatch(/^40 switches from .*07:00:00 to .*09:00:00: nothing ran when they were due$/)
    expect(skippedWords('the server stopped before it was carried out')).toMatch(/^The server stopped/)
    expect(skippedWords('the clock was ahead when it was carried out: released at 2026-11-01T06:00:00Z', zone)).toMatch(
      /was carried out: released .*07:00:00$/,
    )
    expect(skippedWords('something new')).toBe('something new')
  })

  it('says what a check found', () => {
    expect(foundWords({ check: 'overruled', found: 'lockdown by Wang' })).toBe('Lockdown: Wang')
    expect(foundWords({ check: 'not_reached', found: 'it is to be held open, and reports held closed' })).toMatch(
      /held open/i,
    )
    expect(foundWords({ check: 'reached', found: '' })).toBe('')
  })

  it('says what would rule an opening and whether it would be told', () => {
    const would: TimetableWouldBe = {
      device: 'g1',
      direction: '',
      name: 'Gate 1',
      mode: 'held_open',
      layer: 'schedule',
      by: 'Mornings',
      wins: true,
      waits: false,
      reported: 'controlled',
      online: true,
      able: true,
      sends: true,
    }
    expect(rulerWords(would, 'Mornings')).toBe('Timetable: Mornings (this one)')
    expect(rulerWords({ ...would, layer: 'lockdown', by: 'Wang', wins: false }, '')).toBe('Lockdown: Wang')
    expect(rulerWords({ ...would, layer: '', wins: false }, '')).toBe('Nothing')
    const not = { ...would, sends: false }
    expect([
      tellWords(would),
      tellWords({ ...not, waits: true }),
      tellWords({ ...not, online: false }),
      tellWords({ ...not, able: false }),
      tellWords(not),
    ]).toEqual([
      'Yes, now',
      'Once somebody has arrived',
      'When it is back: it is offline',
      'No: it takes no modes',
      'No need: it is so already',
    ])
  })
})

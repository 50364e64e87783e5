import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import type { Timetable } from '@/api/types'
import { askable, emptyForm, exceptionDay, formOf, requestOf, wrongOf } from './draft'
import { period } from './week'

const table = {
  name: 'Mornings',
  targets: [{ device: 'g1', direction: 'in' }, { zone: 'z1' }],
  week: { monday: [{ from: '07:00', to: '09:00', mode: 'held_open', firstArrival: true }] },
  exceptions: [{ day: '2026-12-24', name: 'Eve', periods: [] }],
  late: 'catch_up',
  skipLateSeconds: 90,
  jitterSeconds: 30,
  checkMinutes: 0,
} as unknown as Timetable

describe('a timetable in its form', () => {
  it('comes back as it was', () => {
    const { name, targets, week, exceptions, late, skipLateSeconds, jitterSeconds, checkMinutes } = table
    const same = { name, targets, week, exceptions, late, skipLateSeconds, jitterSeconds, checkMinutes }
    expect(requestOf(formOf(table))).toEqual(same)
  })

  it('can be asked about once something is covered and no time is wrong', () => {
    const form = emptyForm()
    expect(askable(form)).toBe(false)
    form.week.monday = [period('07:00', '09:00', 'held_open')]
    expect(askable(form)).toBe(false)
    form.targets = [{ site: 's1' }]
    expect(askable(form)).toBe(true)
    form.exceptions = [exceptionDay('2026-12-24', '', [period('09:00', '08:00', 'held_open')])]
    expect(askable(form)).toBe(false)
    form.exceptions = [exceptionDay('2026-12-24')]
    expect(askable(form)).toBe(true)
    form.week.monday.push(period('08:00', '10:00', 'held_open'))
    expect(askable(form)).toBe(false)
  })

  it('shows what the server refused at the field that it names, of a preview too', () => {
    const refused = (location: string) => new Problem('invalid', '', 422, [{ location, message: 'not so' }])
    expect(wrongOf(refused('body.week.monday[0].to'))('week.monday[0].to')).toBe('not so')
    expect(wrongOf(undefined, refused('body.timetable.targets[1]'))('targets[1]')).toBe('not so')
    expect(wrongOf()('name')).toBe('')
  })
})

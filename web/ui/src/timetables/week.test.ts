import { describe, expect, it } from 'vitest'
import {
  blockOf,
  clockOf,
  columnOf,
  columns,
  copyTo,
  dragged,
  emptyWeek,
  freeHour,
  minuteAt,
  minutesOf,
  period,
  quickWeek,
  sentWeek,
  weekOf,
} from './week'

describe('times of a day', () => {
  it('are read to the end of the day and not beyond', () => {
    expect(['07:00', '7:05', '00:00', '24:00'].map(minutesOf)).toEqual([420, 425, 0, 1_440])
    expect(['', '7', '24:01', '25:00', '07:60', 'noon'].map(minutesOf)).toEqual(Array(6).fill(undefined))
    expect([0, 425, 1_440].map(clockOf)).toEqual(['00:00', '07:05', '24:00'])
  })

  it('are drawn once they are a period', () => {
    expect(blockOf({ from: '07:00', to: '09:00' })).toEqual({ from: 420, to: 540 })
    expect(blockOf({ from: '09:00', to: '07:00' })).toBeUndefined()
    expect(blockOf({ from: '09:00', to: '9' })).toBeUndefined()
  })

  it('are quarters of an hour to a pointer', () => {
    expect([-0.1, 0, 0.2929, 0.5, 1, 1.2].map(minuteAt)).toEqual([0, 0, 420, 720, 1_440, 1_440])
  })
})

describe('a block on the week grid', () => {
  const lunch = { from: 720, to: 780 }
  const morning = { from: 420, to: 540 }

  it('is drawn downwards and upwards, and stops at the next one', () => {
    const none = { from: 600, to: 600 }
    expect(dragged('draw', none, 600, 660, [lunch])).toEqual({ from: 600, to: 660 })
    expect(dragged('draw', none, 600, 900, [lunch])).toEqual({ from: 600, to: 720 })
    expect(dragged('draw', none, 600, 480, [morning])).toEqual({ from: 540, to: 600 })
    expect(dragged('draw', none, 600, 600, [])).toBeUndefined()
  })

  it('keeps one end while the other is dragged', () => {
    expect(dragged('from', lunch, 720, 480, [morning])).toEqual({ from: 540, to: 780 })
    expect(dragged('from', lunch, 720, 900, [morning])).toBeUndefined()
    expect(dragged('to', morning, 540, 1_000, [lunch])).toEqual({ from: 420, to: 720 })
    expect(dragged('to', morning, 540, 300, [lunch])).toBeUndefined()
  })

  it('is moved within its day, and never onto another one', () => {
    expect(dragged('move', morning, 450, 480, [lunch])).toEqual({ from: 450, to: 570 })
    expect(dragged('move', morning, 450, 750, [lunch])).toBeUndefined()
    expect(dragged('move', morning, 450, 0, [])).toEqual({ from: 0, to: 120 })
    expect(dragged('move', morning, 450, 1_440, [])).toEqual({ from: 1_320, to: 1_440 })
  })

  it('finds a free hour by itself, or what is left of one', () => {
    expect(freeHour([])).toEqual({ from: 480, to: 540 })
    expect(freeHour([{ from: 0, to: 1_410 }])).toEqual({ from: 1_410, to: 1_440 })
    expect(freeHour([{ from: 30, to: 1_440 }])).toEqual({ from: 0, to: 30 })
    expect(freeHour([{ from: 0, to: 1_440 }])).toBeUndefined()
  })
})

describe('a week', () => {
  it('is made in one step, without the holidays', () => {
    const week = sentWeek(quickWeek('07:00', '09:00', 'held_open', 'workdays'))
    expect(Object.keys(week)).toEqual(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'make_up'])
    expect(week.friday).toEqual([{ from: '07:00', to: '09:00', mode: 'held_open', firstArrival: false }])
    expect(Object.keys(sentWeek(quickWeek('00:00', '24:00', 'held_closed', 'rests')))).toEqual([
      'saturday',
      'sunday',
      'rest',
    ])
    expect(Object.keys(sentWeek(quickWeek('00:00', '24:00', 'held_open', 'all')))).toEqual([...columns])
  })

  it('is copied from one day to others, each with periods of its own', () => {
    const week = emptyWeek()
    week.monday = [period('07:00', '09:00', 'held_open', true)]
    week.tuesday = [period('10:00', '11:00', 'held_closed')]
    copyTo(week, 'monday', ['monday', 'tuesday', 'make_up'])
    expect(week.monday[0]!.from).toBe('07:00')
    week.monday[0]!.from = '06:00'
    expect(week.tuesday.map((p) => [p.from, p.mode, p.firstArrival])).toEqual([['07:00', 'held_open', true]])
    expect(week.make_up[0]!.key).not.toBe(week.tuesday[0]!.key)
    expect(week.friday).toEqual([])
  })

  it('comes back from the server as it was sent', () => {
    const week = quickWeek('07:00', '09:00', 'held_open', 'workdays')
    expect(sentWeek(weekOf(sentWeek(week)))).toEqual(sentWeek(week))
  })

  it('is sent with two digits for each hour, and what is no time as it was typed', () => {
    const week = emptyWeek()
    week.monday = [period(' 7:00', '9:00', 'held_open'), period('noon', '24:00', 'held_open')]
    expect(sentWeek(week).monday!.map((p) => [p.from, p.to])).toEqual([
      ['07:00', '09:00'],
      ['noon', '24:00'],
    ])
  })

  it('waits for an arrival only where it holds open', () => {
    expect(period('07:00', '09:00', 'held_closed', true).firstArrival).toBe(false)
  })

  it('counts by the kind of day that the calendar says', () => {
    expect(columnOf('2026-11-26', 'workday')).toBe('thursday')
    expect(columnOf('2026-11-28', 'rest')).toBe('saturday')
    expect(columnOf('2026-11-28', 'workday')).toBe('make_up')
    expect(columnOf('2026-11-26', 'rest')).toBe('rest')
    expect(columnOf('2026-11-28', 'holiday')).toBe('holiday')
  })
})

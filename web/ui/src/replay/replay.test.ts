import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import type { ReplayDevice, ReplayLine } from '@/api/types'
import { useLanguage } from '@/i18n'
import { lookOf } from '@/wall/look'
import { command } from '@/test/things'
import { hiddenIn, kindOf, neighbour, shotUpTo } from './lines'
import { usePlay } from './play'
import { after, beginning, drawn, standAt, stretchesOf } from './stand'
import { around, momentOf, nightBefore, shareOf, ticks } from './window'
import { lineWords, objectOf } from './words'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 21, 2, 0, seconds)).toISOString()
const ms = (seconds: number) => Date.parse(at(seconds))

function line(seconds: number, over: Partial<ReplayLine>): ReplayLine {
  return { at: at(seconds), kind: 'event', device: 'g1', zone: 'z1', opens: false, ...over }
}
const changed = (seconds: number, field: string, now: string, device = 'g1') =>
  line(seconds, {
    kind: 'change',
    device,
    change: {
      id: 1,
      device,
      field,
      was: '',
      now,
      deviceTime: at(seconds),
      arrivedAt: at(seconds),
      command: '',
      revision: 1,
    },
  })
const linked = (seconds: number, online: boolean, cause = '') =>
  line(seconds, { kind: 'link', link: { online, cause, since: at(seconds), missed: 0 } })
const said = (seconds: number, over: Partial<NonNullable<ReplayLine['event']>>) =>
  line(seconds, {
    event: {
      device: 'g1',
      id: 'e1',
      type: 'passage',
      direction: '',
      result: '',
      reason: '',
      credential: '',
      physical: '',
      trigger: '',
      camera: '',
      picture: false,
      command: '',
      plate: '',
      confidence: 0,
      colour: '',
      snapshot: '',
      deviceTime: at(seconds),
      arrivedAt: at(seconds),
      ...over,
    },
  })
const gate: ReplayDevice = {
  id: 'g1',
  name: 'Gate 1',
  zone: 'z1',
  kind: 'gate',
  retired: false,
  link: { status: 'online', since: at(0), cause: '', flapping: false, flappingSince: null },
  values: { physical: 'closed', mode: 'controlled', tamper: 'false' },
}

describe('the stand of a device', () => {
  it('is that of the beginning with every line up to the moment', () => {
    const lines = [
      changed(10, 'physical', 'opening'),
      changed(12, 'physical', 'open'),
      linked(20, false, 'keep-alive'),
      linked(30, true),
    ]
    const all = stretchesOf(gate, lines, ms(0))
    const look = (s: number) => lookOf(drawn(gate, 's1', standAt(all, ms(s))))
    expect([0, 9, 10, 11, 12, 19, 20, 29, 30].map(look)).toEqual([
      'closed',
      'closed',
      'moving',
      'moving',
      'open',
      'open',
      'offline',
      'offline',
      'open',
    ])
  })

  it('equals a model at every moment, whatever happened', () => {
    let seed = 7
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n
    for (let round = 0; round < 12; round++) {
      const lines: ReplayLine[] = []
      for (let s = 0; s < 60; s += random(3)) {
        const device = random(3) ? 'g1' : 'g2'
        lines.push(
          random(4)
            ? changed(s, ['physical', 'mode', 'tamper'][random(3)]!, ['open', 'closed', 'true'][random(3)]!, device)
            : linked(s, random(2) === 0),
        )
      }
      const all = stretchesOf(gate, lines, ms(0))
      for (let s = 0; s < 60; s++) {
        let model = beginning(gate)
        for (const l of lines) if (l.device === 'g1' && Date.parse(l.at) <= ms(s)) model = after(model, l)
        expect(standAt(all, ms(s))).toEqual(model)
      }
    }
  })

  it('is unknown where nothing is kept from before, and a camera is then as its connection says', () => {
    expect(lookOf(drawn({ ...gate, values: {} }, 's1', { link: gate.link, values: {} }))).toBe('unknown')
    expect(lookOf(drawn({ ...gate, kind: 'camera' }, 's1', { link: gate.link, values: {} }))).toBe('ready')
  })
})

describe('lines', () => {
  const lines = [said(1, {}), said(5, {}), said(5, { id: 'e2' }), said(9, {})]
  it('lead to the next and the previous thing, over those of one moment at once', () => {
    expect(neighbour(lines, ms(0), 1)).toBe(ms(1))
    expect(neighbour(lines, ms(1), 1)).toBe(ms(5))
    expect(neighbour(lines, ms(5), 1)).toBe(ms(9))
    expect(neighbour(lines, ms(9), 1)).toBeUndefined()
    expect(neighbour(lines, ms(9), -1)).toBe(ms(5))
    expect(neighbour(lines, ms(7), -1)).toBe(ms(5))
    expect(neighbour(lines, ms(5), -1)).toBe(ms(1))
    expect(neighbour(lines, ms(1), -1)).toBeUndefined()
  })

  it('show the newest picture up to a moment, also that which a passage names', () => {
    const all = [
      said(1, { camera: 'c1', id: 'p1' }),
      line(5, { kind: 'picture', device: 'c2', picture: { event: 's1', width: 1, height: 1 } }),
      said(7, {}),
    ]
    expect(shotUpTo(all, ms(0))).toBeUndefined()
    expect(shotUpTo(all, ms(4))).toMatchObject({ device: 'c1', event: 'p1' })
    expect(shotUpTo(all, ms(9))).toMatchObject({ device: 'c2', event: 's1' })
  })

  it('are hidden by the kinds that an address names', () => {
    expect([...hiddenIn('change,nonsense,link')]).toEqual(['change', 'link'])
    expect(kindOf(said(1, { type: 'fault' }))).toBe('event')
    expect(kindOf(said(1, {}))).toBe('passage')
  })
})

describe('a window', () => {
  it('has its moment in the middle', () => {
    const w = around(ms(300), '5m')
    expect(w).toEqual({ from: ms(150), to: ms(450) })
    expect([shareOf(w.from, w), shareOf(ms(300), w), shareOf(w.to + 9, w)]).toEqual([0, 0.5, 1])
    expect(momentOf('nonsense', 7)).toBe(7)
    expect(momentOf(at(3), 7)).toBe(ms(3))
  })

  it('of the night before a day is by the clock of the site', () => {
    const w = around(nightBefore('2026-11-21', 'Asia/Shanghai'), '12h')
    expect(new Date(w.from).toISOString()).toBe('2026-11-20T12:00:00.000Z') // 20:00 in Shanghai
    expect(new Date(w.to).toISOString()).toBe('2026-11-21T00:00:00.000Z') // 08:00
  })

  it('has a few round ticks, whatever its length', () => {
    for (const span of ['1m', '5m', '15m', '1h', '6h', '12h', '24h'] as const) {
      const all = ticks(around(ms(0), span))
      expect(all.length).toBeGreaterThanOrEqual(3)
      expect(all.length).toBeLessThanOrEqual(7)
      expect(all.every((x) => x % 10_000 === 0)).toBe(true)
    }
  })
})

describe('playing', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const played = (still: boolean) => {
    const moment = ref(0)
    const scope = effectScope()
    const player = scope.run(() =>
      usePlay(
        moment,
        () => 60_000,
        () => still,
      ),
    )!
    return { moment, scope, ...player }
  }

  it('goes on as fast as it is told, and stops at the end', () => {
    const p = played(false)
    p.play()
    vi.advanceTimersByTime(1_000)
    expect(p.moment.value).toBe(1_000)
    p.speed.value = 16
    vi.advanceTimersByTime(1_000)
    expect(p.moment.value).toBe(17_000)
    vi.advanceTimersByTime(60_000)
    expect([p.moment.value, p.playing.value]).toEqual([60_000, false])
  })

  it('steps once a second where motion is reduced, and ends with its page', () => {
    const p = played(true)
    p.play()
    vi.advanceTimersByTime(900)
    expect(p.moment.value).toBe(0)
    vi.advanceTimersByTime(100)
    expect(p.moment.value).toBe(1_000)
    p.scope.stop()
    vi.advanceTimersByTime(5_000)
    expect(p.moment.value).toBe(1_000)
  })
})

describe('words', () => {
  beforeEach(() => useLanguage('en'))
  it('say who ordered what, why, and what became of it', () => {
    const l = line(1, { kind: 'command', command: command({ step: 'confirmed', reason: 'visitor' }) })
    expect(lineWords(l, 'UTC')).toEqual({ what: 'Open: Confirmed', who: 'Wang', why: 'visitor' })
    expect(objectOf(l)).toEqual({ name: 'devicePage', params: { id: 'g1' }, query: { tab: 'history' } })
  })

  it('say why a device was gone, and which alarm was raised', () => {
    expect(lineWords(linked(1, false, 'keep-alive'), 'UTC').what).toContain('Offline')
    const l = line(1, {
      kind: 'alarm',
      alarm: {
        id: 'a1',
        type: 'tamper',
        severity: 'major',
        what: 'acknowledged',
        by: { kind: 'operator', id: 'o', name: 'Li' },
        text: '',
      },
    })
    expect(lineWords(l, 'UTC')).toMatchObject({ who: 'Li' })
    expect(objectOf(l)).toEqual({ name: 'alarm', params: { id: 'a1' } })
  })
})

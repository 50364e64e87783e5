import { describe, expect, it } from 'vitest'
import { tc, useLanguage } from './index'
import en from './en'
import zh from './zh-CN'
// @ts-expect-error a script without types
import { bareTexts, compare, unused } from '../../scripts/check-i18n.mjs'

describe('texts', () => {
  it('exist for every code of the interface, in both languages', async () => {
    const codes: Record<string, string[]> = {
      'problem.code': [
        'invalid',
        'not_found',
        'conflict',
        'forbidden',
        'unavailable',
        'internal',
        'setup_needed',
        'unauthenticated',
        'bad_credentials',
        'bad_code',
        'account_shut',
        'password_over',
        'bad_token',
        'bad_pin',
        'pin_locked',
        'no_booth',
        'throttled',
        'unreachable',
        'cancelled',
      ],
      'command.step': [
        'accepted',
        'sent',
        'delivered',
        'done',
        'confirmed',
        'did_not_move',
        'refused',
        'failed',
        'expired',
        'cancelled',
        'uncertain',
      ],
      'command.reason': ['expired', 'no_clock', 'bad_signature', 'unknown_action', 'blocked', 'fault', 'duplicate'],
      'device.cause': [
        'disconnect',
        'connection lost',
        'keep-alive',
        'take-over',
        'kicked',
        'revoked',
        'protocol error',
        'too slow',
        'shutdown',
        'server restart',
        'heartbeat lost',
        'said offline',
        'will',
      ],
      'device.physical': ['open', 'opening', 'closed', 'closing', 'stopped', 'fault', 'unknown'],
      'device.mode': ['controlled', 'held_open', 'held_closed', 'locked_down', 'fire_release'],
      'schedules.outcome': ['claimed', 'sent', 'skipped', 'failed'],
    }
    for (const l of ['zh-CN', 'en'] as const) {
      await useLanguage(l)
      for (const [area, list] of Object.entries(codes)) {
        for (const code of list) {
          expect(tc(area, code), `${l} ${area} ${code}`).not.toBe(l === 'en' ? undefined : code)
          expect(tc(area, code).length).toBeGreaterThan(0)
        }
      }
    }
    expect(tc('device.cause', 'something new')).toBe('something new')
  })

  it('have the same shape in both languages', () => {
    const keys = (o: object): string[] =>
      Object.entries(o).flatMap(([k, v]) => (typeof v === 'string' ? [k] : keys(v as object).map((x) => `${k}.${x}`)))
    expect(keys(en).sort()).toEqual(keys(zh).sort())
  })
})

describe('the check of the texts', () => {
  it('finds what is missing, different, unused and bare', () => {
    const master = new Map([
      ['a.x', '{n} 个'],
      ['a.y', '是'],
    ])
    expect(compare(master, new Map([['a.x', 'some']]), 'en')).toHaveLength(2)
    expect(unused(['a.x', 'b.c.d', 'e.f'], ["t('a.x')", 't(`b.c.${x}`)'])).toEqual(['e.f'])
    expect(bareTexts('<template><p title="Hello">{{ t("a") }} World</p></template>')).toEqual([
      'title="Hello"',
      'World',
    ])
  })
})

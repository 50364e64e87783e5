import type { SystemPart, SystemState, SystemStorage } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'

const worst: readonly SystemPart['state'][] = ['bad', 'warn', 'unknown', 'ok']

/** The parts, with what needs somebody first. */
export const byNeed = (parts: readonly SystemPart[]): SystemPart[] =>
  [...parts].sort((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state))

/** How the whole is: as its worst part. */
export const wholeOf = (s: SystemState): SystemPart['state'] => byNeed(s.parts ?? [])[0]?.state ?? 'unknown'

const numberOf = (n: number | null) => f.number(n ?? 0)

/** What a part says of itself, with its figures. */
export function partWords(p: SystemPart): string {
  const values = {
    span: f.lasted(Math.max(1, Math.abs(p.milliseconds ?? 0))),
    bytes: f.bytes(p.bytes ?? 0),
    total: p.name === 'disk' ? f.bytes(p.total ?? 0) : numberOf(p.total),
    count: numberOf(p.count),
    time: p.time ? f.dateTime(p.time) : '',
  }
  // Of one that failed it is told which is the newest good one, if there is one.
  const why = p.why === 'failed' && !p.time ? 'failed_first' : p.why
  const key = `system.why.${p.name}.${why}` as Parameters<typeof t>[0]
  const words = t(key, values)
  return words === key ? tc('system.why', p.why) : words
}

/** How many days until the disk is full, if it goes on as it was measured; undefined: it does not grow, or is not known. */
export function daysLeft(s: SystemStorage): number | undefined {
  if (s.diskFree === null || s.growthPerDay === null || s.growthPerDay <= 0) return undefined
  return Math.floor(s.diskFree / s.growthPerDay)
}

/** What is kept, with its sizes and for how long. */
export function storageFacts(s: SystemStorage): { label: string; value: string; more?: string }[] {
  const keep = (days: number) => t('system.keep', { days: f.number(days) })
  const left = daysLeft(s)
  return [
    { label: t('system.database'), value: f.bytes(s.database), more: t('system.wal', { size: f.bytes(s.wal) }) },
    { label: t('system.sessions'), value: f.bytes(s.sessions) },
    {
      label: t('system.pictures'),
      value: s.pictures === null ? t('system.notKnown') : f.bytes(s.pictures),
      more: [
        t('system.pictureCount', { count: f.number(s.pictureCount) }),
        keep(s.keepPictures),
        t('system.pictureSpace', { size: f.bytes(s.pictureSpace) }),
      ].join(' · '),
    },
    {
      label: t('system.trailRows'),
      value: f.number(s.trailRows),
      more: `${t('system.trailInside')} · ${keep(s.keepAuditTrail)}`,
    },
    { label: t('system.states'), value: t('system.statesInside'), more: keep(s.keepStates) },
    {
      label: t('system.disk'),
      value: s.diskFree === null ? t('system.notKnown') : f.bytes(s.diskFree),
      more: s.diskTotal === null ? '' : t('system.ofTotal', { total: f.bytes(s.diskTotal) }),
    },
    {
      label: t('system.growth'),
      value:
        s.growthPerDay === null
          ? t('system.measuring')
          : `${s.growthPerDay < 0 ? '−' : ''}${f.bytes(Math.abs(s.growthPerDay))}`,
      more: [
        s.growthSince ? t('system.since', { at: f.dateTime(s.growthSince) }) : '',
        left === undefined ? '' : t('system.fullIn', { days: f.number(left) }),
      ]
        .filter(Boolean)
        .join(' · '),
    },
  ]
}

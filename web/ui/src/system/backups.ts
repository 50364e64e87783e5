import type { BackupRunning, BackupState } from '@/api/types'
import { t } from '@/i18n'
import { f } from '@/i18n/use'

/** How much of its step a backup has done, 0 to 1; undefined: how much there is to do is not known. */
export const partDone = (r: BackupRunning): number | undefined =>
  r.total > 0 ? Math.min(1, Math.max(0, r.done / r.total)) : undefined

/** What a backup that is being made is at, with its figures as far as they are known. */
export function stepWords(r: BackupRunning): string {
  const step = t(`backups.step.${r.step}`)
  const part = partDone(r)
  if (part === undefined) return step
  const done = Math.min(r.done, r.total) // of what grows meanwhile more is packed than was reckoned
  const percent = f.part(Math.floor(part * 100) / 100)
  return t('backups.progress', { step, done: f.bytes(done), total: f.bytes(r.total), part: percent })
}

/** Who asked for it, and when. */
export const askedWords = (r: BackupRunning): string =>
  r.by
    ? t('backups.askedBy', { by: r.by, at: f.dateTime(r.began) })
    : t('backups.askedByItself', { at: f.dateTime(r.began) })

/** How a backup ended; lost: neither is there one, nor does the server know of an attempt that failed. */
export type End = { how: 'made'; bytes: number } | { how: 'failed' | 'lost' }

/**
 * How one that began then ended, by what the server said later: it forgets a failure with the next one that is made.
 * Without its begin it is one that was asked for, and over before anybody saw it. Names know no parts of a second.
 */
export function endOf(began: string | undefined, after: Pick<BackupState, 'failed' | 'backups'>): End {
  if (after.failed) return { how: 'failed' }
  const newest = after.backups[0]
  const since = began === undefined ? 0 : Math.floor(Date.parse(began) / 1_000) * 1_000
  return newest && Date.parse(newest.made) >= since ? { how: 'made', bytes: newest.bytes } : { how: 'lost' }
}

/** In words. */
export const endWords = (e: End): string =>
  e.how === 'made' ? t('backups.ended.made', { size: f.bytes(e.bytes) }) : t(`backups.ended.${e.how}`)

/** How backups are made, and where they go. */
export function policyFacts(s: BackupState, now: number): { label: string; value: string; more?: string }[] {
  const by = s.at
    ? { value: t('backups.dailyAt', { at: s.at }), more: t('backups.dailyClock') }
    : { value: t('backups.never'), more: t('backups.neverMore') }
  const next = s.next && (Date.parse(s.next) > now ? f.dateTime(s.next) : t('backups.nextDue'))
  const disk = s.sameDisk === null ? 'unknown' : s.sameDisk ? 'same' : 'other'
  return [
    { label: t('backups.daily'), ...by },
    ...(next ? [{ label: t('backups.next'), value: next }] : []),
    { label: t('backups.keep'), value: f.number(s.keep), more: t('backups.keepMore') },
    { label: t('backups.newOnes'), value: t(s.encrypted ? 'backups.areEncrypted' : 'backups.arePlain') },
    { label: t('backups.content'), value: t(s.pictures ? 'backups.withPictures' : 'backups.withoutPictures') },
    { label: t('backups.folder'), value: s.folder, more: t(`backups.disk.${disk}`) },
  ]
}

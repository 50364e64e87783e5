import type { Times } from '@/api/types'
import { t } from '@/i18n'
import { f } from '@/i18n/use'

/** p50, p95 and the longest in one line; a dash if there are none. */
export function timesWords(x: Times): string {
  if (x.p50Ms === null || x.p95Ms === null || x.maxMs === null) return t('common.none')
  return [f.lasted(x.p50Ms), f.lasted(x.p95Ms), f.lasted(x.maxMs)].join(' / ')
}

export const shareWords = (part: number | null): string => (part === null ? t('common.none') : f.share(part))

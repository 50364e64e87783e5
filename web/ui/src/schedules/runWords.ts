import { t } from '@/i18n'
import { f } from '@/i18n/use'
import { detailWord } from '@/parts/orderWords'

/** Why a run was skipped or failed, in the page's language: the server says it in English. */
export function runDetail(detail: string, timeZone?: string): string {
  const left = /^left out by (.+)$/.exec(detail)
  if (left) return t('schedules.leftOutBy', { by: left[1]! })
  const block = /^(more than )?(\d+) due times from (\S+) to (\S+): (.+)$/.exec(detail)
  if (block) {
    const [, more, n, from, to, why] = block
    const words = { n: f.number(Number(n)), from: f.dateTime(from!, timeZone), to: f.dateTime(to!, timeZone) }
    return `${more ? t('schedules.blockMore', words) : t('schedules.block', words)}: ${detailWord(why!)}`
  }
  return detail && detailWord(detail)
}

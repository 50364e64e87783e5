import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import type { AuditEntry, Command } from '@/api/types'
import { goDuration } from './goDuration'

/** What an order is called: a turnstile's pass is named with its direction. */
export function actionWord(action: string, args?: Record<string, string> | null): string {
  const direction = args?.direction
  if (args?.mode) return tc('command.action', [action, args.mode, direction].filter(Boolean).join('_'))
  return tc('command.action', direction ? `${action}_${direction}` : action)
}

/** The reason in a step of a command, or of a run that made none: the device's own word, or why it went no further. */
export function detailWord(detail: string): string {
  const away = /^offline since (\S+Z)(?:, (.+))?$/.exec(detail)
  if (away) {
    const cause = away[2] ? tc('device.cause', away[2]) : t('device.cause.unknown')
    return t('command.detail.offlineSince', { since: f.dateTime(away[1]!), cause })
  }
  const ended = /^(.+); the connection ended: (.+)$/.exec(detail)
  if (ended) return t('command.detail.ended', { what: reasonWord(ended[1]!), cause: tc('device.cause', ended[2]!) })
  const cancelled = /^cancelled by (.+)$/.exec(detail)
  if (cancelled) return t('command.detail.cancelledBy', { name: cancelled[1]! })
  const late = goDuration(/^too late by ([^:]*):/.exec(detail)?.[1] ?? '')
  if (late !== undefined) return t('command.detail.late', { span: f.span(late) })
  return reasonWord(detail)
}

function reasonWord(reason: string): string {
  const known = tc('command.reason', reason)
  return known !== reason ? known : tc('device.cause', reason)
}

/** Who ordered it. */
export function actorWord(actor: Command['actor'] | AuditEntry['actor']): string {
  const kind = tc('command.actor', actor.kind)
  if (!actor.name) return kind
  return actor.kind === 'operator' ? actor.name : t('common.colon', { label: kind, value: actor.name })
}

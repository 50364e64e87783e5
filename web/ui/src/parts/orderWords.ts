import { t, tc } from '@/i18n'
import type { Command } from '@/api/types'

/** What an order is called: a turnstile's pass is named with its direction. */
export function actionWord(action: string, args?: Record<string, string> | null): string {
  const direction = args?.direction
  return tc('command.action', direction ? `${action}_${direction}` : action)
}

/** The reason in a step of a command: the device's own word, or why the connection ended. */
export function detailWord(detail: string): string {
  const reason = tc('command.reason', detail)
  return reason !== detail ? reason : tc('device.cause', detail)
}

/** Who ordered it. */
export function actorWord(actor: Command['actor']): string {
  const kind = tc('command.actor', actor.kind)
  if (!actor.name) return kind
  return actor.kind === 'operator' ? actor.name : t('common.colon', { label: kind, value: actor.name })
}

import type { Device, GateEvent } from '@/api/types'
import { t, tc } from '@/i18n'
import { lookOf } from './look'

/** The one word of a device's state. */
export function stateWord(d: Device): string {
  if (d.link.status !== 'online') return tc('device.link', d.link.status)
  if (d.kind === 'camera') return lookOf(d) === 'unknown' ? t('device.camera.unknown') : t('device.camera.ready')
  return tc('device.physical', d.reportedAt ? d.physical || 'unknown' : 'unknown')
}

export function modeWord(d: Device): string {
  return d.mode ? tc('device.mode', d.mode) : t('device.modeUnknown')
}

export function causeWord(cause: string): string {
  return cause ? tc('device.cause', cause) : t('device.cause.unknown')
}

/** What is wrong besides the physical state. */
export function troubles(d: Device): string[] {
  const list: string[] = []
  if (d.tamper) list.push(t('device.tamper'))
  if (d.fault) list.push(t('device.faultCode', { code: d.fault }))
  return list
}

/** plate:… and card:… as people say them. */
export function credentialWords(credential: string): string {
  const [kind, ...rest] = credential.split(':')
  if (rest.length === 0) return kind ? tc('device.credential', kind) : ''
  return `${tc('device.credential', kind!)} ${rest.join(':')}`
}

/** An event in one line. */
export function eventWords(e: GateEvent): string {
  const parts = [tc('device.event', e.type)]
  if (e.direction) parts.push(tc('device.directionLong', e.direction))
  if (e.credential) parts.push(credentialWords(e.credential))
  if (e.result) parts.push(tc('device.result', e.result))
  if (e.type === 'movement' && e.physical) parts.push(tc('device.physical', e.physical))
  if (e.trigger) parts.push(tc('device.trigger', e.trigger))
  if (e.reason) parts.push(e.reason)
  return parts.join(' · ')
}

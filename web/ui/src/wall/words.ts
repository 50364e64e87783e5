import type { Device, GateEvent } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { lookOf } from './look'

/** The one word of a device's state. */
export function stateWord(d: Device): string {
  if (d.link.status !== 'online') return tc('device.link', d.link.status)
  if (d.kind === 'camera') return lookOf(d) === 'unknown' ? t('device.camera.unknown') : t('device.camera.ready')
  return tc('device.physical', lookOf(d) === 'unknown' ? 'unknown' : d.physical || 'unknown')
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
  if (d.link.flapping) list.push(t('device.flapping'))
  if (d.alarm) list.push(tc('device.alarm', d.alarm))
  if (d.tamper) list.push(t('device.tamper'))
  if (d.fault) list.push(t('device.faultCode', { code: d.fault }))
  if (d.power === 'low') list.push(tc('device.power', d.power))
  if (d.clockDrift?.wrong) list.push(driftWords(d.clockDrift.ms))
  return list
}

/** How far a clock is off, in words. */
export function driftWords(ms: number): string {
  const off = Math.abs(ms) < 1_000 ? f.milliseconds(Math.abs(ms)) : f.span(Math.abs(ms))
  if (ms === 0) return t('device.clock.right')
  return t(ms > 0 ? 'device.clock.fast' : 'device.clock.slow', { off })
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
  if (e.plate) parts.push(e.plate, `${e.confidence}%`)
  if (e.colour) parts.push(tc('device.plateColour', e.colour))
  if (e.credential) parts.push(credentialWords(e.credential))
  if (e.result) parts.push(tc('device.result', e.result))
  if (e.type === 'movement' && e.physical) parts.push(tc('device.physical', e.physical))
  if (e.trigger) parts.push(tc('device.trigger', e.trigger))
  if (e.reason) parts.push(tc('device.reason', e.reason))
  return parts.join(' · ')
}

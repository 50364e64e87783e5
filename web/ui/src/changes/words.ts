import type { StateChange } from '@/api/types'
import { t, tc } from '@/i18n'
import { goDuration } from '@/parts/goDuration'
import { actionWord } from '@/parts/orderWords'

/** The fields that a page offers to look for, as the server names them. */
export const fields = [
  'physical',
  'mode',
  'mode.in',
  'mode.out',
  'alarm',
  'tamper',
  'fault',
  'power',
  'firmware',
  'capabilities',
  'heartbeat',
  'config',
  'settings',
] as const

/** What changed, in words. */
export function fieldWord(field: string): string {
  const [first, second] = field.split('.')
  if (first === 'settings') {
    return second ? t('changes.setting', { name: tc('config.name', second) }) : t('changes.field.settings')
  }
  if (first === 'mode' && second) return `${t('changes.field.mode')} · ${tc('device.directionLong', second)}`
  return tc('changes.field', field)
}

/** A value as people read it. */
export function valueWord(field: string, value: string): string {
  if (field === 'tamper' && value) return t(value === 'true' ? 'changes.yes' : 'changes.no')
  if (!value || (field === 'config' && value === '0')) return t('common.none')
  if (field === 'mode' || field.startsWith('mode.')) return tc('device.mode', value)
  if (field === 'physical' || field === 'alarm' || field === 'power') return tc(`device.${field}`, value)
  if (field === 'heartbeat') {
    const every = goDuration(value)
    return every === undefined ? value : t('config.amount', { n: every / 1_000, unit: 's' })
  }
  if (field === 'config') return t('config.revision', { n: value })
  if (field === 'capabilities') {
    return value
      .split(', ')
      .map((a) => actionWord(a, {}))
      .join(', ')
  }
  const [first, name] = field.split('.')
  if (first === 'settings' && (name === 'form' || name === 'fail')) return tc(`config.word.${name}`, value)
  return value
}

/** A change in one line. */
export const changeWords = (c: StateChange): string =>
  t('changes.fromTo', { was: valueWord(c.field, c.was), now: valueWord(c.field, c.now) })

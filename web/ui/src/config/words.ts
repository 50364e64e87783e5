import type { Device, SettingState } from '@/api/types'
import { t, tc } from '@/i18n'

/** The tone of a status: what is as wanted, what needs somebody, and everything else. */
export function tone(status: Device['config']['status']): 'good' | 'bad' | 'plain' {
  if (status === 'applied') return 'good'
  return status === 'drifting' ? 'bad' : 'plain'
}

/** Does this device report something else than what is wanted of it? */
export const drifts = (d: Pick<Device, 'config'>): boolean => d.config.status === 'drifting'

/** A value of a setting as people read it; nothing for none. */
export function valueWords(s: Pick<SettingState, 'name' | 'options' | 'unit'>, value: string): string {
  if (!value) return ''
  if (s.options.length) return s.options.includes(value) ? tc(`config.word.${s.name}`, value) : value
  return t('config.amount', { n: value, unit: s.unit })
}

/** What a setting may be, in words. */
export function limitWords(s: SettingState): string {
  return s.options.length ? '' : t('config.limits', { min: s.min, max: s.max, unit: s.unit })
}

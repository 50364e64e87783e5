import { t, type Key } from '@/i18n'

/** Longest reason that the server takes, in characters. */
export const longestReason = 200

/** Reasons that people give again and again, by the act; their words are under reasons in the texts. */
const lists = {
  hold_open: ['delivery', 'crowd', 'event', 'emergency', 'maintenance', 'faulty'],
  hold_closed: ['maintenance', 'faulty', 'event', 'intruder'],
  lock_down: ['intruder', 'threat', 'police', 'drill'],
  lockdown_release: ['clear', 'false_alarm', 'drill_over'],
  fire_release: ['fire', 'smoke', 'brigade', 'drill'],
  fire_end: ['clear', 'false_alarm', 'drill_over'],
  restart: ['faulty', 'maintenance'],
  batch: ['drill', 'event', 'crowd', 'emergency', 'maintenance'],
  retire: ['broken', 'removed'],
  replace: ['broken', 'newer'],
  transfer: ['moved', 'wrong_place'],
  ban: ['guessing', 'stolen', 'flooding', 'strange'],
  unban: ['mended', 'found', 'mistake', 'not_needed'],
  mute: ['maintenance', 'known', 'false_alarm', 'drill'],
} as const

/** An act that asks for a reason and has a list of its own. */
export type ReasonedAct = keyof typeof lists
type Reason = (typeof lists)[ReasonedAct][number]

const usual: readonly Reason[] = ['maintenance', 'faulty', 'event', 'drill']

/** The reasons that are offered for an act, or the usual ones. */
export const reasonsFor = (act: string): readonly Reason[] => (lists as Record<string, readonly Reason[]>)[act] ?? usual

export const reasonWord = (r: Reason): string => t(`reasons.${r}` as Key)

/** What is sent: the words that were chosen and the own ones after them, in the language of whoever acts. */
export function reasonText(chosen: string, own: string): string {
  const text = own.trim()
  return chosen && text ? t('common.colon', { label: chosen, value: text }) : chosen || text
}

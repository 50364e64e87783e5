import type { Verb } from '@/api/types'

/** Rights over the property as a whole: a token that is limited to sites cannot have them. */
const whole: readonly Verb[] = ['access.manage', 'audit.see', 'broker.see', 'broker.manage']

/** What a token may have: rights of the user, but not that over people, and of a part none over the whole. */
export const verbsFor = (own: readonly Verb[], part: boolean): Verb[] =>
  own.filter((v) => v !== 'access.manage' && !(part && whole.includes(v)))

import { tc } from '@/i18n'

/** Kinds of days in one line: Workday, Holiday. */
export const kindWords = (days: readonly string[]): string => days.map((kind) => tc('calendar.kinds', kind)).join(' · ')

/** The simple ways to say when; everything else is expert. */
export const choices = ['daily', 'weekdays', 'weekly', 'hourly', 'expert'] as const
export type Choice = (typeof choices)[number]

export interface When {
  choice: Choice
  /** HH:MM, of daily, weekdays and weekly. */
  at: string
  /** 0–59, of hourly. */
  minute: number
  /** 1 = Monday … 7 = Sunday, of weekly. */
  days: number[]
  /** Of expert. */
  cron: string
}

export const usual: When = { choice: 'daily', at: '07:30', minute: 0, days: [1, 2, 3, 4, 5], cron: '30 7 * * *' }

/** The cron line that says it; empty while something is missing. */
export function toCron(w: When): string {
  if (w.choice === 'expert') return w.cron.trim()
  if (w.choice === 'hourly') {
    return Number.isInteger(w.minute) && w.minute >= 0 && w.minute <= 59 ? `${w.minute} * * * *` : ''
  }
  const m = /^(\d\d):(\d\d)/.exec(w.at)
  if (!m) return ''
  const time = `${Number(m[2])} ${Number(m[1])}`
  if (w.choice === 'daily') return `${time} * * *`
  if (w.choice === 'weekdays') return `${time} * * 1-5`
  // In cron Sunday is 0; both it and 7 mean Sunday, 0 is the common one.
  const days = [...w.days].sort((a, b) => a - b).map((d) => d % 7)
  return days.length ? `${time} * * ${days.join(',')}` : ''
}

/** Reads a cron line back into the simplest choice that says the same. */
export function fromCron(cron: string): When {
  const expert: When = { ...usual, choice: 'expert', cron }
  const hourly = /^(\d{1,2}) \* \* \* \*$/.exec(cron)
  if (hourly && Number(hourly[1]) < 60) return { ...usual, choice: 'hourly', minute: Number(hourly[1]), cron }
  const m = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|[0-7](?:,[0-7])*)$/.exec(cron)
  if (!m || Number(m[1]) > 59 || Number(m[2]) > 23) return expert
  const at = `${m[2]!.padStart(2, '0')}:${m[1]!.padStart(2, '0')}`
  if (m[3] === '*') return { ...usual, choice: 'daily', at, cron }
  if (m[3] === '1-5') return { ...usual, choice: 'weekdays', at, cron }
  return { ...usual, choice: 'weekly', at, days: m[3]!.split(',').map((d) => Number(d) || 7), cron }
}

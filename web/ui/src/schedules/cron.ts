/** The simple ways to say when; everything else is expert. */
export const choices = [
  'daily',
  'workdays',
  'weekdays',
  'weekly',
  'monthly',
  'yearly',
  'minutes',
  'hours',
  'expert',
] as const
export type Choice = (typeof choices)[number]

export interface When {
  choice: Choice
  /** HH:MM, of all but minutes, hours and expert: several times have the same minute. */
  times: string[]
  /** 1 = Monday … 7 = Sunday, of weekly. */
  days: number[]
  /** 1–31, of monthly and yearly. */
  dayOfMonth: number
  /** 1–12, of yearly. */
  month: number
  /** Of minutes and hours: how many of them are between two runs. */
  every: number
  /** 0–59, of hours. */
  minute: number
  /** 0–23: the first and the last hour, of minutes and hours. */
  fromHour: number
  toHour: number
  /** Of expert. */
  cron: string
}

/** What divides an hour, or a day, evenly: all runs are as far apart then. */
export const everyMinutes = [1, 2, 3, 5, 10, 15, 20, 30]
export const everyHours = [1, 2, 3, 4, 6, 8, 12]

export const usual: When = {
  choice: 'daily',
  times: ['07:30'],
  days: [1, 2, 3, 4, 5],
  dayOfMonth: 1,
  month: 1,
  every: 15,
  minute: 0,
  fromHour: 0,
  toHour: 23,
  cron: '30 7 * * *',
}

const within = (n: number, least: number, most: number) => Number.isInteger(n) && n >= least && n <= most

/** Minute and hours of some times; nothing if they are none, or have several minutes: one line cannot say that. */
function clock(times: readonly string[]): string {
  const read = times.map((at) => /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at))
  const minutes = new Set(read.map((m) => m?.[2]))
  if (read.length === 0 || read.includes(null) || minutes.size > 1) return ''
  const hours = [...new Set(read.map((m) => Number(m![1])))].sort((a, b) => a - b)
  return `${Number(read[0]![2])} ${hours.join(',')}`
}

/** Whether the times can be said together. */
export const together = (times: readonly string[]): boolean => new Set(times.map((at) => at.slice(3))).size <= 1

function hours(w: When): string {
  if (!within(w.fromHour, 0, 23) || !within(w.toHour, w.fromHour, 23)) return ''
  return w.fromHour === 0 && w.toHour === 23 ? '*' : `${w.fromHour}-${w.toHour}`
}

function repeated(w: When): string {
  const span = hours(w)
  if (!span) return ''
  if (w.choice === 'minutes') {
    if (!everyMinutes.includes(w.every)) return ''
    return `${w.every === 1 ? '*' : `*/${w.every}`} ${span} * * *`
  }
  if (!everyHours.includes(w.every) || !within(w.minute, 0, 59)) return ''
  return `${w.minute} ${w.every === 1 ? span : `${span}/${w.every}`} * * *`
}

/** The cron line that says it; empty while something is missing. */
export function toCron(w: When): string {
  if (w.choice === 'expert') return w.cron.trim()
  if (w.choice === 'minutes' || w.choice === 'hours') return repeated(w)
  const at = clock(w.times)
  if (!at) return ''
  if (w.choice === 'weekdays') return `${at} * * 1-5`
  if (w.choice === 'weekly') {
    // In cron Sunday is 0.
    const days = [...new Set(w.days)].sort((a, b) => a - b).map((d) => d % 7)
    return days.length ? `${at} * * ${days.join(',')}` : ''
  }
  if (w.choice === 'monthly') return within(w.dayOfMonth, 1, 31) ? `${at} ${w.dayOfMonth} * *` : ''
  if (w.choice === 'yearly')
    return within(w.dayOfMonth, 1, 31) && within(w.month, 1, 12) ? `${at} ${w.dayOfMonth} ${w.month} *` : ''
  return `${at} * * *`
}

const number = (text: string, least: number, most: number) =>
  /^\d{1,2}$/.test(text) && within(Number(text), least, most) ? Number(text) : undefined

/** The times of a minute and a list of hours. */
function timesOf(minute: string, hour: string): string[] | undefined {
  const m = number(minute, 0, 59)
  const read = hour.split(',').map((x) => number(x, 0, 23))
  if (m === undefined || read.includes(undefined)) return undefined
  return read.map((h) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
}

function fromRepeated(minute: string, hour: string): Partial<When> | undefined {
  const m = /^(?:(\*)|(\d{1,2})-(\d{1,2}))(?:\/(\d{1,2}))?$/.exec(hour)
  if (!m) return undefined
  const span = { fromHour: Number(m[2] ?? 0), toHour: Number(m[3] ?? 23) }
  const step = /^\*(?:\/(\d{1,2}))?$/.exec(minute)
  if (step && !m[4]) return { choice: 'minutes', every: Number(step[1] ?? 1), ...span }
  const at = number(minute, 0, 59)
  return at === undefined ? undefined : { choice: 'hours', every: Number(m[4] ?? 1), minute: at, ...span }
}

function read(cron: string): Partial<When> | undefined {
  const fields = cron.split(' ')
  if (fields.length !== 5) return undefined
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string]
  if (/[*/-]/.test(hour)) return fromRepeated(minute, hour)
  const times = timesOf(minute, hour)
  if (!times) return undefined
  if (day === '*' && month === '*') {
    if (weekday === '*') return { choice: 'daily', times }
    if (weekday === '1-5') return { choice: 'weekdays', times }
    return { choice: 'weekly', times, days: weekday.split(',').map((d) => number(d, 0, 6) || 7) }
  }
  const dayOfMonth = number(day, 1, 31)
  if (month === '*') return { choice: 'monthly', times, dayOfMonth }
  return { choice: 'yearly', times, dayOfMonth, month: number(month, 1, 12) }
}

/** Reads a cron line back into the simplest choice that says exactly the same. */
export function fromCron(cron: string, days: readonly string[] = []): When {
  const when: When = { ...usual, ...read(cron), cron }
  if (when.choice === 'daily' && days.join() === 'workday') when.choice = 'workdays'
  return toCron(when) === cron ? when : { ...usual, choice: 'expert', cron }
}

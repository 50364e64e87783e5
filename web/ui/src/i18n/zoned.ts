// Days of people's calendars as instants, in the time zone of a site.

const zone = new Map<string, Intl.DateTimeFormat>()

/** How far a time zone is ahead of UTC at an instant, in ms. */
function offset(at: number, timeZone: string): number {
  let f = zone.get(timeZone)
  if (!f) {
    f = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    zone.set(timeZone, f)
  }
  const p = Object.fromEntries(f.formatToParts(at).map((x) => [x.type, Number(x.value)]))
  const wall = Date.UTC(p.year!, p.month! - 1, p.day!, p.hour!, p.minute!, p.second!)
  return wall - Math.floor(at / 1_000) * 1_000
}

/** The instant at which a day (YYYY-MM-DD) begins in a time zone; days may be added. Empty if it is no day. */
export function dayStart(day: string, timeZone: string, plusDays = 0): string {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day)
  if (!m) return ''
  const midnight = Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]) + plusDays)
  // Twice: the offset at the guess may be that of the other side of a clock change.
  const guess = midnight - offset(midnight, timeZone)
  return new Date(midnight - offset(guess, timeZone)).toISOString()
}

/** The browser's own time zone. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** An instant as a local time in a time zone, YYYY-MM-DDTHH:MM, as the browser's field takes it. */
export function localIn(at: number, timeZone: string): string {
  const wall = at + offset(at, timeZone)
  return new Date(wall).toISOString().slice(0, 16)
}

/** The instant of a local time (YYYY-MM-DDTHH:MM, as the browser's field gives it) in a time zone. Empty if it is none. */
export function instantIn(local: string, timeZone: string): string {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local) ? Date.parse(`${local}:00Z`) : NaN
  if (!Number.isFinite(wall)) return ''
  const guess = wall - offset(wall, timeZone)
  return new Date(wall - offset(guess, timeZone)).toISOString()
}

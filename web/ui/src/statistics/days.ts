/** How many days each choice of the page has. */
export const spans = { day: 1, week: 7, month: 30, quarter: 90 } as const
export type Span = keyof typeof spans

export const isSpan = (s: string): s is Span => s in spans

/** The present day of a time zone, YYYY-MM-DD. */
export function dayIn(timeZone: string | undefined, at: number): string {
  const p = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    .formatToParts(at)
    .reduce<Record<string, string>>((all, x) => ({ ...all, [x.type]: x.value }), {})
  return `${p.year}-${p.month}-${p.day}`
}

/** A day some days later, or earlier. */
export function plusDays(day: string, n: number): string {
  const at = new Date(`${day}T12:00:00Z`)
  at.setUTCDate(at.getUTCDate() + n)
  return at.toISOString().slice(0, 10)
}

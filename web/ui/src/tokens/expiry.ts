/** How many days a program is let in, by a token or as an integrator, to choose from; the server allows a year. */
export const lives = [30, 90, 180, 365] as const

/** When ends what is made now, as the API writes times. */
export const expiry = (days: number, now = Date.now()): string => new Date(now + days * 86_400_000).toISOString()

/** Whether its time is over. */
export const over = (of: { expires: string }, now = Date.now()): boolean => Date.parse(of.expires) <= now

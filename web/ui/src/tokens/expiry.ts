/** How many days a token may live, to choose from; the server allows a year. */
export const lives = [30, 90, 180, 365] as const

/** When a token ends that is made now, as the API writes times. */
export const expiry = (days: number, now = Date.now()): string => new Date(now + days * 86_400_000).toISOString()

/** Whether its time is over. */
export const over = (token: { expires: string }, now = Date.now()): boolean => Date.parse(token.expires) <= now

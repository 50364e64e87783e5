import { ref } from 'vue'

/** For how long a press mutes the sound of this browser, in ms. */
export const quietFor = 15 * 60_000

/** Somebody muted the sound of this browser. Times are the server's, in ms. */
export interface Quiet {
  since: number
  until: number
  by: string
}

const key = 'gatehouse.quiet'

function read(): Quiet | undefined {
  try {
    const q = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<Quiet> | null
    if (typeof q?.since === 'number' && typeof q.until === 'number') {
      return { since: q.since, until: q.until, by: String(q.by ?? '') }
    }
  } catch {
    // What nobody can read mutes nothing.
  }
  return undefined
}

/** The mute of this browser, the same in all its pages; whether it still holds says holds. */
export const quiet = ref<Quiet | undefined>(read())

addEventListener('storage', (e) => {
  if (e.key === key || e.key === null) quiet.value = read()
})

/** Mutes the sound of this browser for a while; who did is said to everybody who looks at it. */
export function mute(by: string, now: number): void {
  quiet.value = { since: now, until: now + quietFor, by }
  localStorage.setItem(key, JSON.stringify(quiet.value))
}

export function unmute(): void {
  quiet.value = undefined
  localStorage.removeItem(key)
}

/** Does a mute hold at a time? One from a time to come, or longer than a press makes it, does not. */
export const holds = (q: Quiet | undefined, now: number): q is Quiet =>
  !!q && q.since <= now + 60_000 && now < q.until && q.until - q.since <= quietFor

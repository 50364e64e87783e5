import type { Ban, BrokerClient, NewBan } from '@/api/types'

/** What a client can be banned by, as far as it is known. */
export type Target = Partial<Record<Ban['kind'], string>>

/** How long a ban lasts, in milliseconds; beside these until a time, and without an end. */
export const spans = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const
export type Span = keyof typeof spans
export type Term = Span | 'until' | 'never'

/** An address without its port; of IPv6 without its brackets. */
export function hostOf(address: string): string {
  const v6 = /^\[([^\]%]+)(%[^\]]*)?\](:\d+)?$/.exec(address)
  return v6?.[1] ?? address.replace(/:\d+$/, '')
}

/** The user name that an identity was given for; undefined: it is that of a console, which nobody bans. */
export function usernameOf(identity: string): string | undefined {
  return /^(?:device|integrator):(.+)$/s.exec(identity)?.[1]
}

/** What a client of the broker can be banned by; undefined: it is a console. */
export function targetOf(c: BrokerClient): Target | undefined {
  const username = usernameOf(c.identity)
  if (username === undefined) return undefined
  return { client: c.client, username, ...(c.address ? { address: hostOf(c.address) } : {}) }
}

/** What is likely meant: of a device its client id, which it has to keep; of a program its user name. */
export const likely = (t: Target): Ban['kind'] => (t.username && t.username !== t.client ? 'username' : 'client')

/** When a ban ends that begins now; until is what a field of date and time has. */
export function endOf(term: Term, until: string, now: number): NewBan['until'] {
  if (term === 'never') return null
  return new Date(term === 'until' ? until : now + spans[term]).toISOString()
}

/** The prefix of one address is that address. */
export const shownValue = (b: Pick<Ban, 'kind' | 'value'>): string =>
  b.kind === 'address' ? b.value.replace(/^(\d+\.\d+\.\d+\.\d+)\/32$/, '$1') : b.value

/** Bans that have a text in what they are about, why, or by whom. */
export function having(bans: readonly Ban[], text: string, nameOf: (value: string) => string): Ban[] {
  const sought = text.trim().toLowerCase()
  return bans.filter((b) => [b.value, nameOf(b.value), b.reason, b.by].some((s) => s.toLowerCase().includes(sought)))
}

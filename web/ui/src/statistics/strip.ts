import type { PresenceHistory } from '@/api/types'

/** A part of time in which a device was one thing; times in ms. */
export interface Segment {
  kind: 'up' | 'down' | 'unknown'
  from: number
  to: number
  /** Why it went offline; empty: not known, or it was not offline. */
  cause: string
}

type Told = Pick<PresenceHistory, 'spans' | 'unknown' | 'more'>

interface Piece extends Segment {
  /** Why what follows it is offline. */
  then: string
}

/**
 * The time from one moment to another, whole and in order. What no connection covers was offline for the cause that the
 * connection before it ended with. Before the oldest of those that are told nothing is known if there are older ones.
 */
export function segmentsOf(told: Told, from: number, to: number): Segment[] {
  const out: Segment[] = []
  let at = from
  let cause = causeBefore(told, from)
  for (const p of pieces(told, from, to)) {
    if (p.from > at) out.push({ kind: 'down', from: at, to: p.from, cause })
    const begin = Math.max(at, p.from)
    if (p.to > begin) out.push({ kind: p.kind, from: begin, to: p.to, cause: '' })
    at = Math.max(at, p.to)
    if (p.kind === 'up') cause = p.then
  }
  if (at < to) out.push({ kind: 'down', from: at, to, cause })
  return out
}

function pieces(told: Told, from: number, to: number): Piece[] {
  const list: Piece[] = [
    ...told.spans.map((s) => ({
      kind: 'up' as const,
      from: Date.parse(s.up),
      to: s.down ? Date.parse(s.down) : to,
      cause: '',
      then: s.cause,
    })),
    ...told.unknown.map((u) => ({
      kind: 'unknown' as const,
      from: Date.parse(u.from),
      to: Date.parse(u.to),
      cause: '',
      then: '',
    })),
  ]
  const oldest = told.spans.at(-1)
  if (told.more && oldest) list.push({ kind: 'unknown', from: 0, to: Date.parse(oldest.up), cause: '', then: '' })
  return list
    .map((p) => ({ ...p, from: Math.max(from, p.from), to: Math.min(to, p.to) }))
    .filter((p) => p.to > p.from)
    .sort((a, b) => a.from - b.from || a.to - b.to)
}

/** Why it was offline at a moment: what the last connection before it ended with. */
function causeBefore(told: Told, at: number): string {
  return told.spans.find((s) => s.down && Date.parse(s.down) <= at)?.cause ?? ''
}

/** The part of the known time in which it was online, 0 to 1; null if nothing is known. */
export function shareOf(segments: readonly Segment[]): number | null {
  const sum = (kind: Segment['kind']) => segments.reduce((n, s) => n + (s.kind === kind ? s.to - s.from : 0), 0)
  const known = sum('up') + sum('down')
  return known > 0 ? sum('up') / known : null
}

import type { ReplayLine } from '@/api/types'
import { lastUpTo } from './stand'

/** The kinds of lines, in the order in which a page offers them. A passage is an event that people look for by itself. */
export const kinds = [
  'command',
  'layer',
  'switch',
  'passage',
  'event',
  'change',
  'picture',
  'link',
  'alarm',
  'act',
] as const
export type LineKind = (typeof kinds)[number]

export const kindOf = (l: ReplayLine): LineKind => (l.event?.type === 'passage' ? 'passage' : l.kind)
export const timeOf = (l: ReplayLine): number => Date.parse(l.at)

/** Which kinds an address leaves out. */
export const hiddenIn = (text: string): Set<LineKind> =>
  new Set(text.split(',').filter((k): k is LineKind => (kinds as readonly string[]).includes(k)))

/** The moment of the next line after another, or of the one before it; undefined: there is none. */
export function neighbour(lines: readonly ReplayLine[], at: number, step: 1 | -1): number | undefined {
  const here = lastUpTo(lines, at, timeOf)
  if (step === 1) return lines[here + 1] && timeOf(lines[here + 1]!)
  let before = here
  while (before >= 0 && timeOf(lines[before]!) >= at) before--
  return before < 0 ? undefined : timeOf(lines[before]!)
}

/** A picture by its address. */
export interface Shot {
  device: string
  event: string
  at: string
}

/** The picture that a line shows or names. */
export function shotOf(l: ReplayLine): Shot | undefined {
  if (l.picture) return { device: l.device, event: l.picture.event, at: l.at }
  if (l.event?.camera) return { device: l.event.camera, event: l.event.id, at: l.at }
  if (l.event?.picture) return { device: l.device, event: l.event.id, at: l.at }
  return undefined
}

/** The newest picture up to a moment. */
export function shotUpTo(lines: readonly ReplayLine[], at: number): Shot | undefined {
  for (let i = lastUpTo(lines, at, timeOf); i >= 0; i--) {
    const shot = shotOf(lines[i]!)
    if (shot) return shot
  }
  return undefined
}

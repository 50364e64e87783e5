import type { Device, Layer, Problem as Refusal } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { actorWord } from '@/parts/orderWords'

/** What the server says of a layer, wherever it says it. */
export type Ruling = NonNullable<Refusal['ruling']>

const rank = ['schedule', 'hold', 'lockdown', 'fire']

/** The directions of the openings that a device has; an empty one for a single opening. */
export function openingsOf(d: Pick<Device, 'kind'>): string[] {
  if (d.kind === 'turnstile') return ['in', 'out']
  return d.kind === 'gate' ? [''] : []
}

/** The layers over one opening, the one that rules first: as the server's arbiter has it. */
export function rulingsOf(d: Device, direction: string, layers: readonly Layer[], now: number): Layer[] {
  return layers
    .filter((l) => l.set && l.site === d.site && covers(l, d, direction) && !(l.until && Date.parse(l.until) <= now))
    .sort((a, b) => rank.indexOf(b.layer) - rank.indexOf(a.layer) || b.revision - a.revision)
}

function covers(l: Layer, d: Device, direction: string): boolean {
  const { kind, id } = l.scope
  if (kind === 'site') return true
  if (kind === 'zone') return id === d.zone
  if (kind === 'group') return id !== '' && id === d.fireGroup
  return id === d.id && l.scope.direction === direction
}

/** A ruling in one line: what, by whom, since when, until when, why. */
export function rulingWords(r: Ruling): string {
  const parts = [
    t('safety.by', {
      layer: tc('safety.layer', r.layer),
      mode: tc('device.mode', r.mode),
      by: r.layer === 'schedule' ? r.by.name : actorWord(r.by), // the layer says already that it is a timetable
      since: f.dateTime(r.since),
    }),
  ]
  if (r.until) parts.push(t('safety.until', { until: f.dateTime(r.until) }))
  if (r.reason) parts.push(r.reason)
  return parts.join(' · ')
}

/** How long the first of some layers rules, and what would rule if it were released: in sentences. */
export function explained(stack: readonly Ruling[]): string[] {
  const [rules, next] = stack
  if (!rules) return []
  const ends = rules.until ? t('safety.endsItself', { until: f.dateTime(rules.until) }) : t('safety.endsByHand')
  const after = next ? t('safety.wouldRule', { what: rulingWords(next) }) : t('safety.wouldBeFree')
  return [ends, after]
}

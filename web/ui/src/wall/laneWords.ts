import type { Device, Layer } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { actorWord } from '@/parts/orderWords'
import { lanesOf, type Lane } from './lanes'

/** What a tile says of the mode of an opening. */
export interface LaneLine {
  words: string
  /** Nothing rules it and nothing is held: it opens by order and credential, as usual. */
  usual: boolean
  /** What rules it and what the device reports differ. */
  differs: boolean
}

/**
 * The mode of each opening with who or what rules it and for how long; one line where both directions say the same.
 * What the device reports comes first: a ruling that it does not follow (yet) is named beside it.
 */
export function laneLines(
  d: Device,
  ruler: (direction: string) => Layer | undefined,
  now: () => number,
): readonly LaneLine[] {
  const lines = lanesOf(d).map((lane) => ({ lane, line: lineOf(lane, ruler(lane.direction), now) }))
  if (lines.every(({ line }) => line.words === lines[0]!.line.words)) return lines.slice(0, 1).map(({ line }) => line)
  return lines.map(({ lane, line }) => ({
    ...line,
    words: t('common.colon', { label: tc('device.directionLong', lane.direction), value: line.words }),
  }))
}

function lineOf(lane: Lane, ruling: Layer | undefined, now: () => number): LaneLine {
  const mode = lane.mode ? tc('device.mode', lane.mode) : t('device.modeUnknown')
  if (!ruling) return { words: mode, usual: lane.mode === 'controlled' || !lane.mode, differs: false }
  if (ruling.mode !== lane.mode) {
    const wanted = t('wall.shouldBe', { mode: tc('device.mode', ruling.mode), by: rulerWords(ruling) })
    return { words: `${mode} · ${wanted}`, usual: false, differs: true }
  }
  const span = f.span(now() - Date.parse(ruling.since))
  return { words: t('wall.ruled', { mode, by: rulerWords(ruling), span }), usual: false, differs: false }
}

/** Who or what set a layer, as short as a tile needs it: the mode beside it says which layer it is. */
function rulerWords(l: Layer): string {
  return l.layer === 'schedule'
    ? t('wall.byTimetable', { name: l.by.name })
    : t('wall.bySomebody', { name: actorWord(l.by) })
}

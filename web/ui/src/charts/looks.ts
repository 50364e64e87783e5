/**
 * How the series of a chart are told apart: by colour, and by the pattern of their bars or the dashes and marks of
 * their lines. The colours are names that the style of TimeChart gives a value, so that light, dark and paper are right
 * without drawing anew.
 */
export interface Look {
  colour: string
  /** Lines over a bar: how far apart they are, in pixels, and their angle; none: it is plain. */
  hatch?: { gap: number; turn: number }
  dash: 'solid' | 'dashed' | 'dotted'
  mark: 'circle' | 'rect' | 'triangle' | 'diamond'
}

const looks: readonly Look[] = [
  { colour: 'var(--series-1)', dash: 'solid', mark: 'circle' },
  { colour: 'var(--series-2)', hatch: { gap: 5, turn: 45 }, dash: 'dashed', mark: 'rect' },
  { colour: 'var(--series-3)', hatch: { gap: 4, turn: 0 }, dash: 'dotted', mark: 'triangle' },
  { colour: 'var(--series-4)', hatch: { gap: 4, turn: 90 }, dash: 'solid', mark: 'diamond' },
  { colour: 'var(--series-5)', hatch: { gap: 5, turn: 135 }, dash: 'dashed', mark: 'circle' },
  { colour: 'var(--series-6)', hatch: { gap: 9, turn: 45 }, dash: 'dotted', mark: 'rect' },
  { colour: 'var(--series-7)', hatch: { gap: 9, turn: 135 }, dash: 'solid', mark: 'triangle' },
]

export const lookOf = (i: number): Look => looks[i % looks.length]!

/** What a chart shows: numbers of some series at some points, each of which has a name. */
export interface Chart {
  kind: 'bars' | 'stack' | 'lines'
  /** What the points are: the head of their column in the table. */
  over: string
  points: readonly Point[]
  series: readonly Series[]
  /** What the numbers of the table of a file are in: ms, %. Empty: they are counts. */
  unit?: string
  /** The greatest number that there can be, 100 of percents. */
  most?: number
  /** A number as people read it. */
  words: (value: number) => string
  /** A number as a table program adds it up; by default as it is. */
  cell?: (value: number) => number
}

export interface Point {
  key: string
  label: string
  /** The short form below the axis. */
  tick: string
}

/** One number for each point; null: there is none, which is not 0. */
export interface Series {
  name: string
  values: readonly (number | null)[]
}

/** The numbers of a chart as a table for a file, with its head. */
export function tableOf(c: Chart): (string | number)[][] {
  const head = c.series.map((s) => (c.unit ? `${s.name} (${c.unit})` : s.name))
  const cell = (v: number | null | undefined) =>
    v === null || v === undefined ? '' : (c.cell ?? ((n: number) => n))(v)
  return [[c.over, ...head], ...c.points.map((p, i) => [p.label, ...c.series.map((s) => cell(s.values[i]))])]
}

/** What a chart says at a point, a line for each series that says something. */
export function linesAt(c: Chart, at: number): string[] {
  return c.series.flatMap((s) => {
    const v = s.values[at]
    return v === null || v === undefined ? [] : [`${s.name}  ${c.words(v)}`]
  })
}

/** Is there a number other than 0? */
export const says = (c: Chart): boolean => c.series.some((s) => s.values.some((v) => v))

/** The series with the largest sums, in their order, and the others added up as one more. */
export function largest(series: readonly Series[], most: number, others: string): Series[] {
  const sum = (s: Series) => s.values.reduce<number>((all, v) => all + Math.abs(v ?? 0), 0)
  const ranked = [...series].sort((a, b) => sum(b) - sum(a))
  if (ranked.length <= most) return ranked
  const rest = ranked.slice(most)
  const values = rest[0]!.values.map((_, i) => rest.reduce((all, s) => all + (s.values[i] ?? 0), 0))
  return [...ranked.slice(0, most), { name: others, values }]
}

/** The point that a key leads to from another; undefined: the key means nothing here. */
export function stepped(key: string, at: number, points: number): number | undefined {
  const to = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: points - 1 }[
    key
  ]
  return to === undefined ? undefined : Math.min(Math.max(to, 0), points - 1)
}

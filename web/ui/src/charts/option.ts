import type { EChartsCoreOption } from 'echarts/core'
import { linesAt, type Chart } from './chart'
import { lookOf, type Look } from './looks'

// Colours are variables of the style: the chart is SVG, which reads them as any other element does.
const ink = {
  text: 'var(--text)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  strong: 'var(--line-strong)',
  ground: 'var(--surface)',
}
const small = { color: ink.muted, fontSize: 12 }

/** What the drawing library is told of a chart. Nothing moves, so that there is nothing to reduce. */
export function optionOf(c: Chart, fontFamily: string): EChartsCoreOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily }, // by its name: the room for words is measured outside of the page
    grid: { left: 4, right: 12, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: tip(c, fontFamily),
    xAxis: {
      type: 'category',
      data: c.points.map((p) => p.tick),
      axisLine: { lineStyle: { color: ink.strong } },
      axisTick: { show: false },
      axisLabel: { ...small, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      min: c.kind === 'lines' && c.most !== undefined ? floorOf(c) : undefined,
      max: c.kind === 'lines' ? c.most : undefined,
      minInterval: c.unit ? undefined : 1,
      interval: c.kind === 'lines' && c.most !== undefined ? (c.most - floorOf(c)) / 4 : undefined,
      splitNumber: 4,
      splitLine: { lineStyle: { color: ink.line } },
      axisLabel: { ...small, formatter: (v: number) => c.words(v), hideOverlap: true },
    },
    series: c.series.map((_, i) => (c.kind === 'lines' ? line(c, i) : bars(c, i))),
  }
}

/** Where the axis of a part of a whole begins: at 0, or just below the least if all are near the whole. */
export function floorOf(c: Chart): number {
  const least = Math.min(...c.series.flatMap((s) => s.values.filter((v) => v !== null)), c.most ?? 0)
  const near = [99, 95, 90, 80, 50].find((part) => least >= ((c.most ?? 0) * part) / 100)
  return near === undefined ? 0 : ((c.most ?? 0) * near) / 100
}

/** Written, not HTML: the console's policy has no inline style. */
function tip(c: Chart, fontFamily: string): object {
  return {
    trigger: 'axis',
    renderMode: 'richText',
    confine: true,
    transitionDuration: 0,
    backgroundColor: ink.ground,
    borderColor: ink.strong,
    borderWidth: 1,
    shadowBlur: 0,
    shadowColor: 'transparent',
    textStyle: { color: ink.text, fontFamily, fontSize: 13 },
    axisPointer: { type: 'line', lineStyle: { color: ink.strong, type: 'dashed' } },
    formatter: (all: { dataIndex: number }[]) => {
      const at = all[0]?.dataIndex ?? 0
      return [c.points[at]?.label, ...linesAt(c, at)].join('\n')
    },
  }
}

const data = (c: Chart, i: number) => c.series[i]!.values.map((v) => v ?? '-')

function line(c: Chart, i: number): object {
  const look = lookOf(i)
  return {
    type: 'line',
    name: c.series[i]!.name,
    data: data(c, i),
    symbol: look.mark,
    symbolSize: 6,
    showAllSymbol: c.points.length <= 31,
    showSymbol: c.points.length <= 31,
    emphasis: { disabled: true },
    lineStyle: { color: look.colour, width: 2, type: look.dash },
    itemStyle: { color: look.colour },
  }
}

function bars(c: Chart, i: number): object {
  const look = lookOf(i)
  return {
    type: 'bar',
    name: c.series[i]!.name,
    data: data(c, i),
    stack: c.kind === 'stack' ? 'all' : undefined,
    barMaxWidth: 28,
    emphasis: { disabled: true },
    itemStyle: { color: look.colour, decal: decal(look) },
  }
}

function decal(look: Look): object {
  if (!look.hatch) return { symbol: 'none' }
  return {
    symbol: 'rect',
    symbolSize: 1,
    color: ink.ground,
    dashArrayX: [1, 0],
    dashArrayY: [1.5, look.hatch.gap],
    rotation: (look.hatch.turn * Math.PI) / 180,
  }
}

import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

// The drawing library, of which a page loads only what is named here, and only once it shows a chart.
use([BarChart, LineChart, GridComponent, TooltipComponent, SVGRenderer])

/** A drawing in an element, until it is closed. */
export interface Drawing {
  show: (option: EChartsCoreOption) => void
  /** Shows what is at a point, or nothing. */
  point: (series: number, at: number | undefined) => void
  fit: () => void
  close: () => void
}

/** Two drawings beside each other on A4, in CSS pixels. */
const paper = { width: 340, height: 140 }

export function draw(el: HTMLElement): Drawing {
  const chart = init(el, null, { renderer: 'svg' })
  // On paper a drawing has another room, which no observer tells of: it is drawn for about that room, and scaled to it.
  const scalable = () =>
    el.querySelector('svg')?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`)
  const toPaper = () => {
    chart.resize(paper)
    chart.getZr().flush()
    scalable()
  }
  const fit = () => chart.resize({ width: 'auto', height: 'auto' })
  chart.on('finished', scalable)
  window.addEventListener('beforeprint', toPaper)
  window.addEventListener('afterprint', fit)
  return {
    show: (option) => chart.setOption(option, { notMerge: true }),
    point: (seriesIndex, dataIndex) =>
      chart.dispatchAction(dataIndex === undefined ? { type: 'hideTip' } : { type: 'showTip', seriesIndex, dataIndex }),
    fit,
    close: () => {
      window.removeEventListener('beforeprint', toPaper)
      window.removeEventListener('afterprint', fit)
      chart.dispose()
    },
  }
}

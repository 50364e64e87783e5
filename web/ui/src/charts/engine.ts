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

export function draw(el: HTMLElement): Drawing {
  const chart = init(el, null, { renderer: 'svg' })
  return {
    show: (option) => chart.setOption(option, { notMerge: true }),
    point: (seriesIndex, dataIndex) =>
      chart.dispatchAction(dataIndex === undefined ? { type: 'hideTip' } : { type: 'showTip', seriesIndex, dataIndex }),
    fit: () => chart.resize(),
    close: () => chart.dispose(),
  }
}

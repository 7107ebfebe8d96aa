// Charts as SVG, drawn by ECharts without a page.
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { ChartColors } from '../../shared/charts/chart-style.ts'

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, SVGRenderer])

/** Such as can be read on white, on black and on paper. */
export const reportColors: ChartColors = {
  ...{ text: '#7a7a7a', line: '#9a9a9a55', panel: '#ffffff', ink: '#7a7a7a', limit: '#8a929c' },
  series: ['#4c6ef5', '#0ca678', '#d6336c', '#e8890c', '#868e96'],
  fontFamily: 'system-ui, sans-serif',
}

/** In pixels; what it shows is said beside it, so it is hidden from who listens. */
export function svg(option: object, width: number, height: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    // nobody points at a picture
    const { tooltip: _, dataZoom: __, ...drawn } = option as echarts.EChartsCoreOption
    chart.setOption(drawn)
    // classes and styles of one chart would be those of all of them
    return chart
      .renderToSVGString()
      .replaceAll(/<style[\s\S]*?<\/style>/g, '')
      .replace('<svg ', '<svg aria-hidden="true" ')
  } finally {
    chart.dispose()
  }
}

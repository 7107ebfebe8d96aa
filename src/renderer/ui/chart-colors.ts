// The colours charts take from the page.
import type { ChartColors } from '../../shared/charts/chart-style.ts'

/** As they are right now, light or dark. */
export function pageColors(): ChartColors {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string) => style.getPropertyValue(name).trim()
  return {
    text: color('--mute'),
    line: color('--line'),
    panel: color('--panel'),
    ink: color('--ink'),
    limit: color('--series-2'),
    series: ['--series-1', '--series-3', '--series-4', '--series-5', '--ink'].map(color),
    fontFamily: getComputedStyle(document.body).fontFamily,
  }
}

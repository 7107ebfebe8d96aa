// What all charts look like: the colours they are given, their small text and their tooltip.

export interface ChartColors {
  readonly text: string
  readonly line: string
  readonly panel: string
  readonly ink: string
  /** Of lines that say how much there is. */
  readonly limit: string
  /** One a line, in order. */
  readonly series: readonly string[]
  readonly fontFamily: string
}

/** Of axes, legends and titles. */
export function smallText({ text, fontFamily }: ChartColors) {
  return { color: text, fontSize: 11, fontFamily }
}

export function tooltipBox({ panel, line, ink, fontFamily }: ChartColors) {
  return {
    confine: true,
    backgroundColor: panel,
    borderColor: line,
    textStyle: { color: ink, fontSize: 12, fontFamily },
  }
}

/** Text in a tooltip, which ECharts takes for markup. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

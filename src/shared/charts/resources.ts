// The charts of what a job used, as data: panels of lines over time, whatever draws them.
import type { Columns, SampleColumn } from '../jobs/series.ts'
import { sampleColumns } from '../jobs/series.ts'
import { formatBytes } from '../units.ts'

export interface Line {
  readonly name: string
  /** True for a line that only says how much there is; drawn behind the others, as a limit. */
  readonly limit: boolean
  /** [milliseconds since the epoch, value]; NaN leaves a gap. */
  readonly points: readonly (readonly [number, number])[]
}

/** Lines of one unit over a common time axis. */
export interface Panel {
  readonly title: string
  readonly unit: 'bytes' | 'bytes/s' | '%' | '°C' | 'W'
  readonly lines: readonly Line[]
}

/** The line that says how much there is of something. */
const LIMIT = 'all there is'

const PANELS: readonly {
  readonly title: string
  readonly unit: Panel['unit']
  readonly lines: readonly (readonly [SampleColumn, string])[]
}[] = [
  { title: 'Memory of the job', unit: 'bytes', lines: [['rss', 'job']] },
  {
    title: 'Memory of the machine',
    unit: 'bytes',
    lines: [
      ['machineMemoryUsed', 'used'],
      ['machineMemoryTotal', LIMIT],
    ],
  },
  {
    title: 'Processor',
    unit: '%',
    lines: [
      ['cpu', 'job'],
      ['machineCpu', 'machine'],
    ],
  },
  {
    title: 'Disk',
    unit: 'bytes/s',
    lines: [
      ['diskRead', 'read'],
      ['diskWrite', 'written'],
    ],
  },
  {
    title: 'GPU memory',
    unit: 'bytes',
    lines: [
      ['vram', 'job'],
      ['machineVramUsed', 'machine'],
      ['machineVramTotal', LIMIT],
    ],
  },
  { title: 'GPU use', unit: '%', lines: [['gpuUse', 'machine']] },
  { title: 'GPU temperature', unit: '°C', lines: [['gpuTemperature', 'hottest']] },
  { title: 'GPU power', unit: 'W', lines: [['gpuPower', 'machine']] },
]

/** The panels that have anything to show. */
export function resourcePanels(columns: Columns): Panel[] {
  return PANELS.flatMap(({ title, unit, lines }) => {
    const known = lines.filter(([column]) => columns[column].some((value) => !Number.isNaN(value)))
    if (known.length === 0) return []
    return [
      {
        title,
        unit,
        lines: known.map(([column, name]) => ({
          name,
          limit: name === LIMIT,
          points: points(columns, column),
        })),
      },
    ]
  })
}

/** Names one line of one panel among all. */
export function lineKey(panel: Panel, line: Line): string {
  return `${panel.title}, ${line.name}`
}

/** The panels without the lines whose keys are `hidden`; a panel without lines is left out. */
export function withoutLines(panels: readonly Panel[], hidden: ReadonlySet<string>): Panel[] {
  return panels
    .map((panel) => ({ ...panel, lines: panel.lines.filter((line) => !hidden.has(lineKey(panel, line))) }))
    .filter((panel) => panel.lines.length > 0)
}

/** A line in four numbers of its panel's unit; gaps do not count. */
export interface LineSummary {
  readonly lowest: number
  readonly mean: number
  readonly highest: number
  readonly last: number
}

/** Null for a line that is one gap. The mean is over samples, not over time. */
export function summarise({ points }: Line): LineSummary | null {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  let sum = 0
  let count = 0
  let last = Number.NaN
  for (const [, value] of points) {
    if (Number.isNaN(value)) continue
    lowest = Math.min(lowest, value)
    highest = Math.max(highest, value)
    sum += value
    count++
    last = value
  }
  return count === 0 ? null : { lowest, mean: sum / count, highest, last }
}

/** A value of a panel as people read it. */
export function formatValue(value: number, unit: Panel['unit']): string {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'bytes/s') return `${formatBytes(value)}/s`
  return `${Number(value.toPrecision(3))} ${unit}`
}

/** The last `seconds` of the series. */
export function lastSeconds(columns: Columns, seconds: number): Columns {
  const end = columns.at.at(-1) ?? 0
  const first = columns.at.findIndex((at) => at >= end - seconds * 1000)
  const cut = sampleColumns.map((column) => [column, columns[column].subarray(Math.max(0, first))])
  return Object.fromEntries(cut) as Columns
}

function points(columns: Columns, column: SampleColumn): [number, number][] {
  return Array.from(columns[column], (value, index) => [columns.at[index] ?? 0, value])
}

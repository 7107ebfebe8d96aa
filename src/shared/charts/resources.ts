// The charts of what a job used, as data: panels of lines over time, whatever draws them.
import type { Columns, SampleColumn } from '../jobs/series.ts'
import { sampleColumns } from '../jobs/series.ts'

export interface Line {
  readonly name: string
  /** [milliseconds since the epoch, value]; NaN leaves a gap. */
  readonly points: readonly (readonly [number, number])[]
}

/** Lines of one unit over a common time axis. */
export interface Panel {
  readonly title: string
  readonly unit: 'bytes' | 'bytes/s' | '%' | '°C' | 'W'
  readonly lines: readonly Line[]
}

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
      ['machineMemoryTotal', 'all there is'],
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
      ['machineVramTotal', 'all there is'],
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
      { title, unit, lines: known.map(([column, name]) => ({ name, points: points(columns, column) })) },
    ]
  })
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

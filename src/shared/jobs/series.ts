// A time series of samples as columns of numbers: small on the wire, and ready for a chart.
import { z } from 'zod'
import { type Sample, sampleSchema } from './job.ts'

export type SampleColumn = keyof Sample
export const sampleColumns = Object.keys(sampleSchema.shape) as SampleColumn[]

/** One Float64Array a column, all of the same length; NaN where nothing answered. */
export const columnsSchema = z.custom<Columns>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    sampleColumns.every((name) => (value as Record<string, unknown>)[name] instanceof Float64Array),
  'expected one Float64Array for each column of a sample',
)
export type Columns = Readonly<Record<SampleColumn, Float64Array>>

export function toColumns(samples: readonly Sample[]): Columns {
  return perColumn((name) => Float64Array.from(samples, (sample) => sample[name] ?? Number.NaN))
}

/** The later columns behind the earlier ones. */
export function appendColumns(earlier: Columns, later: Columns): Columns {
  return perColumn((name) => {
    const joined = new Float64Array(earlier[name].length + later[name].length)
    joined.set(earlier[name])
    joined.set(later[name], earlier[name].length)
    return joined
  })
}

function perColumn(make: (name: SampleColumn) => Float64Array): Columns {
  return Object.fromEntries(sampleColumns.map((name) => [name, make(name)])) as Columns
}

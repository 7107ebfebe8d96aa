// How a training went, as curves of few points.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { downsampled } from './lttb.ts'
import { stepColumns, type TrainingCurves, type TrainingSeries } from '../../shared/saes.ts'
import { openForReading } from '../store/database.ts'
import { hasTables, readSteps, readValidations } from '../store/training-metrics.ts'
import { METRICS } from './sae-folder.ts'

/** Steps that are read of a long training; of these the points that are sent are chosen. */
const MOST_STEPS = 10_000

/**
 * How training went so far, with at most so many points a curve, or all of them; empty before its first step, and for an
 * SAE from elsewhere.
 */
export async function trainingCurves(folder: string, most: number | null): Promise<TrainingCurves> {
  const points = most ?? Infinity
  const path = join(folder, METRICS)
  const none: TrainingCurves = { steps: 0, series: {}, densities: null }
  if (!(await stat(path).catch(() => null))) return none
  const db = openForReading(path)
  try {
    if (!hasTables(db)) return none
    const steps = readSteps(db, most === null ? Infinity : MOST_STEPS)
    const validations = readValidations(db)
    const series: Partial<Record<TrainingSeries, { step: Float64Array; value: Float64Array }>> = {}
    for (const name of stepColumns) {
      // older runs did not tell all of them
      if (steps.at(-1)?.[name] != null) series[name] = curve(steps, name, points)
    }
    for (const name of ['fvu', 'l0', 'dead', 'shrinkage'] as const) {
      if (validations.length > 0) series[`validation.${name}`] = curve(validations, name, points)
    }
    return {
      steps: steps.at(-1)?.step ?? 0,
      series: series as TrainingCurves['series'],
      densities: validations.at(-1) ? [...validations.at(-1)!.densities] : null,
    }
  } finally {
    db.close()
  }
}

function curve<N extends string>(
  records: readonly Readonly<Record<N | 'step', number>>[],
  name: N,
  points: number,
): { step: Float64Array; value: Float64Array } {
  const step = Float64Array.from(records, (record) => record.step)
  const value = Float64Array.from(records, (record) => record[name])
  const places = downsampled(step, value, points)
  return {
    step: Float64Array.from(places, (place) => step[place]!),
    value: Float64Array.from(places, (place) => value[place]!),
  }
}

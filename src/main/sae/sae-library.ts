// The SAEs of a workspace as their folders tell: which are finished, which are not, and what was found of each.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toErrorData } from '../../shared/errors.ts'
import { downsampled } from '../../shared/charts/lttb.ts'
import { type SaeEntry, stepColumns, type TrainingCurves, type TrainingSeries } from '../../shared/saes.ts'
import { memberIds } from '../../shared/sweep.ts'
import { openForReading } from '../store/database.ts'
import { folderBytes } from '../store/folder.ts'
import { explained } from '../store/io-error.ts'
import { hasTables, readSteps, readValidations } from '../store/training-metrics.ts'
import { saeLensForm } from './exchange/saelens.ts'
import { readOrigin } from './exchange/import-sae.ts'
import { CONFIG, EVALUATION, METRICS } from './files.ts'
import { readRun, type RunFacts } from './run-facts.ts'

export type FoundSae = Omit<SaeEntry, 'state'> & { readonly finished: boolean }

const nothingKnown = { problem: null, config: null, sweep: null, origin: null, done: null }
/** Steps that are read of a long training; of these the points that are sent are chosen. */
const MOST_STEPS = 10_000

/** The newest first. Weights are not read. Throws `disk/…`. */
export async function scanSaes(saes: string): Promise<FoundSae[]> {
  const entries = await explained(saes, () => readdir(saes, { withFileTypes: true }))
  const ids = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  const found = await Promise.all(ids.map(({ name }) => lookAt(join(saes, name), name)))
  return found.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
}

function sweepOf(run: RunFacts | null): SaeEntry['sweep'] {
  if (!run?.sweep) return null
  return { ...run.sweep, members: memberIds(run.sweep.job, { sweep: run.sweep.of }) }
}

async function lookAt(path: string, id: string): Promise<FoundSae> {
  const bytes = await folderBytes(path)
  const written = await stat(join(path, CONFIG)).catch(() => null)
  if (!written) {
    const { birthtimeMs: at } = await stat(path)
    return { ...{ id, path, at, bytes }, ...nothingKnown, finished: false }
  }
  const common = { ...nothingKnown, id, path, at: written.mtimeMs, bytes, finished: true }
  try {
    const { form, metadata } = saeLensForm(
      JSON.parse(await readFile(join(path, CONFIG), 'utf8')),
      join(path, CONFIG),
    )
    const run = await readRun(path)
    const origin = await readOrigin(path)
    const evaluation = await readFile(join(path, EVALUATION), 'utf8').then(
      (text) => JSON.parse(text) as { ceRecovered: number; kl: number },
      () => null,
    )
    const said = (key: string) => (typeof metadata[key] === 'string' ? metadata[key] : null)
    return {
      ...{ ...common, config: run?.config ?? null, origin, sweep: origin ? null : sweepOf(run) },
      done: {
        ...{ architecture: form.architecture, directions: form.D, features: form.F },
        ...{ model: said('model_name'), hook: said('hook_name') },
        validation: run?.validation ?? null,
        evaluation: evaluation && { ceRecovered: evaluation.ceRecovered, kl: evaluation.kl },
      },
    }
  } catch (error) {
    return { ...common, problem: toErrorData(error).message }
  }
}

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

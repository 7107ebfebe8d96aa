// The thresholds of a split, measured with the model on a sample of contexts.
import type { HarvestConfig } from '../../shared/harvest.ts'
import type { RowMaker } from './row-maker.ts'
import { type Calibration, keptShares } from './split.ts'

/** Contexts of a calibration: at least, at most, and else one of so many. */
const CONTEXTS = { least: 8, most: 64, share: 50 }

/** Of them so many at least are read by the model, which reads them once more later: a median needs fewer than shares of rare tokens do. */
const READ = 12

export function calibrationContexts({
  tokens,
  contextLength,
}: Pick<HarvestConfig, 'tokens' | 'contextLength'>): number {
  const { least, most, share } = CONTEXTS
  return Math.min(most, Math.max(least, Math.floor(tokens / (share * contextLength))))
}

/** On `contexts` (the ids of each), each by itself: thresholds must not depend on the batch. */
export async function measuredCalibration(
  model: Pick<RowMaker, 'norms' | 'atOnce'>,
  contexts: readonly Int32Array[],
  {
    sinkFactor,
    frequencyCap,
    special,
  }: Pick<HarvestConfig, 'sinkFactor' | 'frequencyCap'> & {
    readonly special: ReadonlySet<number>
  },
  /** Called between them; throws when the work should stop. */
  checkpoint: () => Promise<void>,
): Promise<Calibration> {
  const read = spread(contexts, READ)
  const norms: number[] = []
  for (let from = 0; from < read.length; from += model.atOnce) {
    await checkpoint()
    const next = read.slice(from, from + model.atOnce)
    const found = await Promise.all(next.map((ids) => model.norms(ids)))
    for (const [index, ids] of next.entries()) {
      for (const [position, id] of ids.entries()) if (!special.has(id)) norms.push(found[index]![position]!)
    }
  }
  norms.sort((a, b) => a - b)
  const medianNorm = norms[Math.floor(norms.length / 2)] ?? 0
  return {
    contexts: contexts.length,
    tokens: contexts.reduce((sum, ids) => sum + ids.length, 0),
    ...{ medianNorm, sinkNorm: medianNorm * sinkFactor },
    kept: keptShares(contexts, special, frequencyCap),
  }
}

/** At least `count` of the values, each as far from the next; all where there are fewer. */
function spread<T>(values: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.floor(values.length / count))
  return values.filter((_, index) => index % step === 0)
}

// The thresholds of a split, measured with the model on a sample of contexts.
import type { HarvestConfig } from '../../shared/harvest.ts'
import type { RowMaker } from './row-maker.ts'
import { calibrate, type Calibration } from './split.ts'

/** Contexts of a calibration: at least, at most, and else one of so many, because the model reads them twice. */
const CONTEXTS = { least: 8, most: 64, share: 50 }

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
  options: Pick<HarvestConfig, 'sinkFactor' | 'frequencyCap'> & { readonly special: ReadonlySet<number> },
  /** Called between them; throws when the work should stop. */
  checkpoint: () => Promise<void>,
): Promise<Calibration> {
  const tokens: number[] = []
  const norms: number[] = []
  for (let from = 0; from < contexts.length; from += model.atOnce) {
    await checkpoint()
    const next = contexts.slice(from, from + model.atOnce)
    for (const ids of next) tokens.push(...ids)
    for (const found of await Promise.all(next.map((ids) => model.norms(ids)))) norms.push(...found)
  }
  const { sinkFactor, frequencyCap, special } = options
  return calibrate(tokens, norms, { contexts: contexts.length, sinkFactor, frequencyCap, special })
}

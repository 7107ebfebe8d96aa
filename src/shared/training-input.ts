// Where a training gets its rows: a harvest that is there, or a model that reads a corpus meanwhile.
import { expected } from './errors.ts'
import { type HarvestConfig, harvestConfigSchema } from './harvest.ts'
import type { TrainConfig } from './sae.ts'

export type TrainingInput =
  | { readonly kind: 'harvest'; readonly harvest: string }
  /** As a harvest of it would be configured. */
  | { readonly kind: 'live'; readonly config: HarvestConfig }

/** Throws `sae/options` where that is not said, or both are. */
export function trainingInput(config: TrainConfig): TrainingInput {
  const { live, harvest, model, corpus, layer, tokens, seed } = config
  if (!live) {
    if (harvest !== undefined) return { kind: 'harvest', harvest }
    throw expected(
      'sae/options',
      'It is not said on which rows to train.',
      'Name a harvest; or choose live, with a model, a corpus and a layer.',
    )
  }
  if (harvest !== undefined) {
    throw expected(
      'sae/options',
      `Rows come live from a model or from the harvest ${harvest}, not from both.`,
      'Leave one of them out.',
    )
  }
  if (model === undefined || corpus === undefined || layer === undefined) {
    throw expected('sae/options', 'Live training needs a model, a corpus and a layer.', 'Name all three.')
  }
  const { contextLength, contexts: batch, sample, textField } = config
  return {
    kind: 'live',
    config: harvestConfigSchema.parse({
      ...{ model, corpus, layer, contextLength, batch, sample, textField, seed },
      tokens: sample === 'head' ? Number.MAX_SAFE_INTEGER : Math.ceil(tokens / TRAINING_SHARE),
    }),
  }
}

/** Of a sample's tokens, about the share that trains: a tenth of the documents validates, and some tokens are left out. */
const TRAINING_SHARE = 0.85

/** What rows come from, in words: "the harvest abc", or "pile.jsonl through SmolLM2 at layer 15". */
export function inputWords({
  harvest,
  model,
  corpus,
  layer,
}: Pick<TrainConfig, 'harvest' | 'model' | 'corpus' | 'layer'>): string {
  return harvest === undefined ? `${corpus} through ${model} at layer ${layer}` : `the harvest ${harvest}`
}

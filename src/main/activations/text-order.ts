// What the thread that reads the corpus is told.
import { type HarvestConfig, sampleOf } from '../../shared/harvest.ts'
import type { CorpusSpec, SampleSpec } from '../../shared/corpus.ts'
import type { HubAccess } from '../../shared/hub.ts'
import type { ChunkerOptions } from './chunker.ts'
import type { CorpusPosition } from './chunk.ts'

export interface TextOrder {
  /** Folder of the checkpoint, for its tokenizer. */
  readonly checkpoint: string
  readonly corpus: CorpusSpec
  readonly sample: SampleSpec
  /** SQLite file that keeps which documents are taken. */
  readonly plan: string
  /** Folder for the files of a Hugging Face data set. */
  readonly cache: string
  /** For a data set of the Hub. */
  readonly hub: HubAccess | null
  readonly chunking: ChunkerOptions
  /** Where the last chunk ended. */
  readonly position: CorpusPosition
}

/** The corpus that a configuration names, in chunks of so many contexts. */
export function textOrderOf(
  config: HarvestConfig,
  {
    contexts,
    ...place
  }: Pick<TextOrder, 'checkpoint' | 'plan' | 'cache' | 'hub' | 'position'> & { readonly contexts: number },
): TextOrder {
  const { textField, stratumField, languageField, tokens, contextLength, packing } = config
  return {
    ...place,
    corpus: {
      ...{ path: config.corpus, textField },
      ...(stratumField !== undefined && { stratumField }),
      ...(languageField !== undefined && { languageField }),
    },
    sample: sampleOf(config),
    chunking: { length: contextLength, packing, tokens, contexts },
  }
}

// Models worth starting with: what they are, under which licence, and how large; the sizes follow from the architecture.
import { parametersOf, type SizedArchitecture } from './model-memory.ts'

export interface CatalogueEntry {
  /** On the Hugging Face Hub. */
  readonly repository: string
  readonly name: string
  /** Trained to follow instructions and to talk, rather than to continue text. */
  readonly instruct: boolean
  /** As people call it; its text is on the model's page. */
  readonly licence: string
  /** The licence has to be accepted on the model's page, and a token shows that it was. */
  readonly gated: boolean
  readonly architecture: SizedArchitecture
}

const plain = { attentionBias: false, mlpBias: false, tiedHead: true }

/** config.json of each repository, as its architecture stands there. */
const llama1B: SizedArchitecture = {
  ...plain,
  ...{ width: 2048, layers: 16, heads: 32, keyHeads: 8, headWidth: 64, mlpWidth: 8192 },
  ...{ vocabulary: 128_256, positions: 131_072 },
}
const llama3B: SizedArchitecture = {
  ...plain,
  ...{ width: 3072, layers: 28, heads: 24, keyHeads: 8, headWidth: 128, mlpWidth: 8192 },
  ...{ vocabulary: 128_256, positions: 131_072 },
}
const smol135M: SizedArchitecture = {
  ...plain,
  ...{ width: 576, layers: 30, heads: 9, keyHeads: 3, headWidth: 64, mlpWidth: 1536 },
  ...{ vocabulary: 49_152, positions: 8192 },
}
const smol360M: SizedArchitecture = {
  ...plain,
  ...{ width: 960, layers: 32, heads: 15, keyHeads: 5, headWidth: 64, mlpWidth: 2560 },
  ...{ vocabulary: 49_152, positions: 8192 },
}
const smol1700M: SizedArchitecture = {
  ...plain,
  ...{ width: 2048, layers: 24, heads: 32, keyHeads: 32, headWidth: 64, mlpWidth: 8192 },
  ...{ vocabulary: 49_152, positions: 8192 },
}
const tinyLlama: SizedArchitecture = {
  ...{ ...plain, tiedHead: false },
  ...{ width: 2048, layers: 22, heads: 32, keyHeads: 4, headWidth: 64, mlpWidth: 5632 },
  ...{ vocabulary: 32_000, positions: 2048 },
}

const meta = { licence: 'Llama 3.2 Community License', gated: true }
const apache = { licence: 'Apache-2.0', gated: false }

export const catalogue: readonly CatalogueEntry[] = [
  entry('meta-llama/Llama-3.2-1B', false, meta, llama1B),
  entry('meta-llama/Llama-3.2-1B-Instruct', true, meta, llama1B),
  entry('meta-llama/Llama-3.2-3B', false, meta, llama3B),
  entry('meta-llama/Llama-3.2-3B-Instruct', true, meta, llama3B),
  entry('HuggingFaceTB/SmolLM2-135M', false, apache, smol135M),
  entry('HuggingFaceTB/SmolLM2-135M-Instruct', true, apache, smol135M),
  entry('HuggingFaceTB/SmolLM2-360M', false, apache, smol360M),
  entry('HuggingFaceTB/SmolLM2-1.7B', false, apache, smol1700M),
  entry('TinyLlama/TinyLlama-1.1B-Chat-v1.0', true, apache, tinyLlama),
]

/** Bytes of the weights as they are published, two a parameter (bfloat16); the Hub says the exact size. */
export function downloadBytes({ architecture }: CatalogueEntry): number {
  return 2 * parametersOf(architecture)
}

function entry(
  repository: string,
  instruct: boolean,
  terms: Pick<CatalogueEntry, 'licence' | 'gated'>,
  architecture: SizedArchitecture,
): CatalogueEntry {
  return { repository, name: repository.split('/').at(-1) ?? repository, instruct, ...terms, architecture }
}

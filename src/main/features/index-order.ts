// The order for an index of features: of what it is made and where, and who is told how far it is.
// Letters: F features, D width of the model.
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import type { SaeParts } from '../sae/sae-parts.ts'

/** The steps of an index as progress names them; in order, each with its unit. */
export const indexSteps = {
  Encoding: 'rows',
  Counting: 'shards',
  Sorting: 'shards',
  Describing: 'features',
  Pairing: 'features',
  Comparing: 'features',
  'Aligned texts': 'texts',
  Checksums: 'files',
} as const
export type IndexStep = keyof typeof indexSteps

export interface IndexOrder {
  /** Where it is built. */
  readonly folder: string
  readonly sae: SaeParts
  readonly saeId: string
  /** SHA-256 of its weights. */
  readonly saeHash: string
  readonly harvest: { readonly id: string; readonly folder: string; readonly manifest: HarvestManifest }
  /** Share of its contexts that are taken. */
  readonly share: number
  /** Codes of a row it is reckoned with before they are counted. */
  readonly l0: number
  /** The model; null where it is not here, and why that is. */
  readonly model: { readonly checkpoint: Checkpoint; readonly tokenizer: Tokenizer } | null
  readonly noModel: string | null
  readonly device: UsableDevice
  /** Codes of a bucket, features that are counted in one pass, and of a part of the SAE; as many as memory is meant for unless given. */
  readonly limits?: { readonly bucket: number; readonly pass: number; readonly part: number }
}

export interface IndexWork {
  onProgress(step: IndexStep, done: number, total: number): void
  /** Between pieces of work, when all that is complete is on disk; throws to end it. */
  checkpoint(): Promise<void>
}

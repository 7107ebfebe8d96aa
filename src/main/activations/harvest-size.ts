// How much room a harvest takes on disk, estimated from its configuration.
import type { HarvestConfig } from '../../shared/harvest.ts'

/** Of a row beside its activations: the other columns, and what the index says of it, as prose takes it. */
const BYTES_A_ROW = 60
/** Of a row while the index is put in order at the end: its full text is written anew beside the old. */
const BYTES_A_ROW_AT_THE_END = 30
/** Whatever its size: write-ahead logs, the plan of the sample, and what a database takes when there is little in it. */
const BYTES_AT_LEAST = 16 * 2 ** 20
/** Of a row that is kept in bytes: its scale. */
const SCALE_BYTES = 4

export interface HarvestSize {
  /** Bytes that stay. */
  readonly kept: number
  /** Bytes that are needed for a while at the end, beside those that stay. */
  readonly merging: number
  /** Bytes that are needed for a while from the beginning on. */
  readonly logs: number
}

type Sized = Pick<HarvestConfig, 'tokens' | 'encoding'>

/** Of a harvest of a model of width D. */
export function harvestSize({ tokens, encoding }: Sized, width: number): HarvestSize {
  const activation = encoding === 'float16' ? 2 * width : width + SCALE_BYTES
  return {
    kept: tokens * (activation + BYTES_A_ROW),
    merging: tokens * BYTES_A_ROW_AT_THE_END,
    logs: BYTES_AT_LEAST,
  }
}

/** Bytes that a harvest is still to write, logs not counted, with so many rows in shards and in the index. */
export function bytesToCome(
  config: Sized,
  width: number,
  { rows, indexed }: { readonly rows: number; readonly indexed: number },
): number {
  // samples of strata may pass what was asked for
  const tokens = Math.max(0, config.tokens - rows)
  const unindexed = (rows - indexed) * BYTES_A_ROW
  return harvestSize({ ...config, tokens }, width).kept + unindexed + harvestSize(config, width).merging
}

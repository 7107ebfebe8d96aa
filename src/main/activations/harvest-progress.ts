// How far a harvest is: written into its index with each shard, so that both always agree.
import { beginning, type CorpusPosition, type LeftOut } from './chunk.ts'
import { type NormCounts, noNorms } from './norm-histogram.ts'
import type { LeftOutReason } from './split.ts'

/** A finished shard, as the manifest lists it. */
export interface ShardEntry {
  readonly name: string
  /** Number of its first row in the harvest. */
  readonly firstRow: number
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

export interface HarvestProgress {
  readonly position: CorpusPosition
  readonly shards: readonly ShardEntry[]
  readonly rows: number
  /** Rows by what becomes of them. */
  readonly split: { readonly train: number; readonly validation: number } & Readonly<
    Record<LeftOutReason, number>
  >
  /** Contexts in a batch → how many such batches ran. */
  readonly batches: Readonly<Record<string, number>>
  readonly norms: NormCounts
  /** Values beyond float16, which were clipped to its largest. */
  readonly overflowed: number
  /** int8: the greatest error of a shard; null for float16. */
  readonly error: number | null
  /** The first of the documents that were left out. */
  readonly leftOut: readonly LeftOut[]
}

export const noProgress: HarvestProgress = {
  position: beginning,
  shards: [],
  rows: 0,
  split: { train: 0, validation: 0, special: 0, sink: 0, frequent: 0 },
  batches: {},
  norms: noNorms,
  overflowed: 0,
  error: null,
  leftOut: [],
}

/** Number → "shard-00003.arrow". */
export function shardName(number: number): string {
  return `shard-${String(number).padStart(5, '0')}.arrow`
}

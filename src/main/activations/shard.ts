// A shard of a harvest: its columns, and how the activations of its rows are kept.
import type { Column } from '../store/arrow-columns.ts'

/** float16: as the row is; int8: in steps of a 127th of the row's largest value. */
export type ShardEncoding = 'float16' | 'int8'

export interface ShardFormat {
  /** D, the width of an activation. */
  readonly width: number
  readonly encoding: ShardEncoding
  /** What the file says of itself beside this: model hash, hook and so on. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Rows of a shard, one a token; every array is as long as the others. */
export interface ShardRows {
  /** Of the index. */
  readonly context: Uint32Array
  /** In the context, from 0. */
  readonly position: Uint16Array
  readonly token: Int32Array
  /** Of the index. */
  readonly sentence: Uint32Array
  /** 0 left out, 1 train, 2 validation. */
  readonly split: Uint8Array
  /** (rows, D) */
  readonly activations: Float32Array
}

/** Rows on their way into a shard; float16 only where the shard keeps that. */
export type NewShardRows = Omit<ShardRows, 'activations'> & {
  /** (rows, D) */
  readonly activations: Float32Array | Float16Array
  /** Lengths of the activations, where they are known already. */
  readonly norms?: Float32Array
}

/** What a finished shard holds. */
export interface ShardSummary {
  readonly rows: number
  readonly bytes: number
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string
  /** Values beyond float16, which were clipped to its largest. */
  readonly overflowed: number
  /** int8: length of what was lost, as a share of the length of all there was; null where it was not measured. */
  readonly error: number | null
}

export const FORMAT_VERSION = '1'

export const tokenColumns = [
  { name: 'context', type: 'uint32' },
  { name: 'position', type: 'uint16' },
  { name: 'token', type: 'int32' },
  { name: 'sentence', type: 'uint32' },
  { name: 'split', type: 'uint8' },
] as const satisfies readonly Column[]

/** The columns of a shard; `scale` is what a row's int8 values are multiplied by. */
export function shardColumns({
  width,
  encoding,
}: Pick<ShardFormat, 'width' | 'encoding'>): readonly Column[] {
  const activation: Column = { name: 'activation', type: encoding, width }
  return encoding === 'float16'
    ? [...tokenColumns, activation]
    : [...tokenColumns, { name: 'scale', type: 'float32' }, activation]
}

// The first pass: every row of a harvest, or of an even sample of its contexts, to its codes, a shard at a time.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { HarvestManifest } from '../../shared/harvest.ts'
import type { HarvestIndex } from '../activations/harvest-index.ts'
import { ShardReader } from '../activations/shard-reader.ts'
import type { ShardRows } from '../activations/shard.ts'
import { noise } from '../llama/noise.ts'
import type { RowEncoder } from '../sae/sparse-encoder.ts'
import { CodesWriter, rowKinds, type RowColumns } from './codes.ts'
import { rowsFile } from './index-folder.ts'
import { Groups } from './groups.ts'

export interface EncodeOptions {
  /** Of the harvest. */
  readonly source: string
  readonly manifest: HarvestManifest
  readonly index: HarvestIndex
  /** Of the index that is made. */
  readonly folder: string
  readonly encoder: RowEncoder
  /** Share of the contexts that are taken. */
  readonly share: number
  /** Ids of special tokens; null where no tokenizer tells them. */
  readonly special: ReadonlySet<number> | null
  readonly metadata: Readonly<Record<string, string>>
  /** Told the rows of the harvest that are done, between pieces; throws to end it. */
  onRows(done: number): Promise<void>
  /** After each shard. */
  onShard(): Promise<void>
}

/** A stream of the seed's noise. */
const CONTEXTS = 11

/** Whether a sample of this share takes the context. */
export function takes(seed: number, context: number, share: number): boolean {
  return share >= 1 || noise(seed, CONTEXTS, context) < share
}

/** Shards that an earlier attempt finished are left as they are. Throws `disk/…`, `arrow/damaged`. */
export async function encodeShards(options: EncodeOptions): Promise<void> {
  const { source, manifest, index, folder, encoder, metadata, onRows, onShard } = options
  const groups = new Groups(index)
  let done = 0
  for (const [number, { name, rows }] of manifest.shards.entries()) {
    if (!existsSync(join(folder, rowsFile(number)))) {
      const shard = await ShardReader.open(join(source, name))
      const writer = await CodesWriter.create(folder, number, { F: encoder.F, metadata })
      try {
        let read = 0
        for await (const batch of shard.batches()) {
          const chosen = chosenRows(batch, options)
          const x = gathered(batch.activations, chosen, encoder.D)
          await writer.write(columnsOf(batch, chosen, groups, options), await encoder.encode(x))
          read += batch.context.length
          await onRows(done + read)
        }
        await writer.commit()
        await onShard()
      } catch (error) {
        await writer.abort()
        throw error
      } finally {
        await shard.close()
      }
    }
    done += rows
    await onRows(done)
  }
}

/** Places in the batch of the rows whose contexts are taken. */
function chosenRows({ context }: ShardRows, { manifest, share }: EncodeOptions): Uint32Array {
  const chosen = new Uint32Array(context.length)
  let count = 0
  let [known, taken] = [-1, false]
  for (const [row, its] of context.entries()) {
    if (its !== known) [known, taken] = [its, takes(manifest.config.seed, its, share)]
    if (taken) chosen[count++] = row
  }
  return chosen.subarray(0, count)
}

function gathered(activations: Float32Array, chosen: Uint32Array, D: number): Float32Array {
  if (chosen.length * D === activations.length) return activations
  const x = new Float32Array(chosen.length * D)
  for (const [at, row] of chosen.entries()) x.set(activations.subarray(row * D, (row + 1) * D), at * D)
  return x
}

function columnsOf(
  batch: ShardRows,
  chosen: Uint32Array,
  groups: Groups,
  options: EncodeOptions,
): RowColumns {
  const pick = <A extends Uint32Array | Uint16Array | Int32Array>(from: A, into: A): A => {
    for (const [at, row] of chosen.entries()) into[at] = from[row]!
    return into
  }
  const n = chosen.length
  const [group, kind] = [new Uint16Array(n), new Uint8Array(n)]
  for (const [at, row] of chosen.entries()) {
    group[at] = groups.ofSentence(batch.sentence[row]!)
    kind[at] = batch.split[row] === 0 ? kindOf(batch, row, options) : rowKinds.counted
  }
  return {
    context: pick(batch.context, new Uint32Array(n)),
    position: pick(batch.position, new Uint16Array(n)),
    token: pick(batch.token, new Int32Array(n)),
    ...{ group, kind },
  }
}

/** Of a row that training leaves out; one whose token is merely frequent counts, or densities would be wrong. */
function kindOf(
  { token, activations, context }: ShardRows,
  row: number,
  { special, manifest }: Pick<EncodeOptions, 'special' | 'manifest'>,
): number {
  const id = token[row]!
  if (special?.has(id)) return rowKinds.special
  const D = activations.length / context.length
  let squares = 0
  for (let at = row * D; at < (row + 1) * D; at++) squares += activations[at]! ** 2
  const { sinkNorm, kept } = manifest.calibration
  if (Math.sqrt(squares) > sinkNorm) return rowKinds.sink
  return special || kept[id] !== undefined ? rowKinds.counted : rowKinds.special
}

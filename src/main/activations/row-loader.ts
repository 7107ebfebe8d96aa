// Hands out a harvest's rows of one split in batches of the size that was asked for, and counts the batches.
import { join } from 'node:path'
import type { HarvestManifest } from '../../shared/harvest.ts'
import type { ShardRows } from './shard.ts'
import { ShardReader } from './shard-reader.ts'
import { splits } from './split.ts'

export interface RowLoaderOptions {
  readonly split: 'train' | 'validation'
  /** Rows of a batch; only the last may have fewer. */
  readonly batch: number
}

export interface RowBatch {
  readonly count: number
  /** (count, D) */
  readonly activations: Float32Array
  /** (count) */
  readonly tokens: Int32Array
}

export class RowLoader {
  readonly #folder: string
  readonly #manifest: HarvestManifest
  readonly #options: RowLoaderOptions
  /** Rows in a batch → how many such batches were handed out. */
  readonly ledger: Record<string, number> = {}

  constructor(folder: string, manifest: HarvestManifest, options: RowLoaderOptions) {
    if (!Number.isInteger(options.batch) || options.batch < 1) {
      throw new Error(`A batch of ${options.batch} rows cannot be filled.`)
    }
    this.#folder = folder
    this.#manifest = manifest
    this.#options = options
  }

  /** Every row of the split once, in the order of the shards; memory is that of a batch and a shard's piece. */
  async *batches(): AsyncGenerator<RowBatch> {
    const { width } = this.#manifest.model
    const { batch } = this.#options
    let waiting = new Float32Array(batch * width)
    let tokens = new Int32Array(batch)
    let count = 0
    for await (const { split, token, activations } of this.#pieces()) {
      const wanted = splits[this.#options.split]
      for (let row = 0; row < split.length; row++) {
        if (split[row] !== wanted) continue
        waiting.set(activations.subarray(row * width, (row + 1) * width), count * width)
        tokens[count] = token[row]!
        if (++count < batch) continue
        yield this.#handed({ count, activations: waiting, tokens })
        waiting = new Float32Array(batch * width)
        tokens = new Int32Array(batch)
        count = 0
      }
    }
    if (count === 0) return
    yield this.#handed({
      ...{ count, activations: waiting.subarray(0, count * width), tokens: tokens.subarray(0, count) },
    })
  }

  async *#pieces(): AsyncGenerator<ShardRows> {
    for (const { name } of this.#manifest.shards) {
      const shard = await ShardReader.open(join(this.#folder, name))
      try {
        yield* shard.batches()
      } finally {
        await shard.close()
      }
    }
  }

  #handed(batch: RowBatch): RowBatch {
    this.ledger[batch.count] = (this.ledger[batch.count] ?? 0) + 1
    return batch
  }
}

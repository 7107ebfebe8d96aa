// A harvest's rows of one split in random order, epoch after epoch: every epoch is a permutation of them.
// Letters: D width of the model.
import { join } from 'node:path'
import type { HarvestManifest } from '../../shared/harvest.ts'
import { noise } from '../llama/noise.ts'
import { ShardReader } from './shard-reader.ts'
import { splits } from './split.ts'

/** Where reading stands: so many rows of this pool of this epoch have been handed out. */
export interface ShuffledPosition {
  readonly epoch: number
  readonly pool: number
  readonly row: number
}

export const firstPosition: ShuffledPosition = { epoch: 0, pool: 0, row: 0 }

export interface ShuffleOptions {
  readonly split: 'train' | 'validation'
  readonly seed: number
  readonly position: ShuffledPosition
  /** Rows read in one piece, one after the other as they lie. */
  readonly blockRows?: number
  /** Rows mixed with each other, from blocks all over the harvest. */
  readonly poolRows?: number
}

interface Block {
  readonly shard: string
  readonly row: number
  readonly count: number
}

const BLOCK_ROWS = 512
/** Bytes of a pool. */
const POOL_BYTES = 256e6
const MOST_POOL_ROWS = 65_536
/** Streams of the seed's noise, one each epoch and pool. */
const [BLOCKS, POOLS] = [3, 4]

/**
 * Blocks of neighbouring rows are put in random order, and a pool of them is shuffled row by row: what is next to each
 * other in the text is far apart in training. The order is a function of seed and position alone.
 */
export class ShuffledRows {
  readonly width: number
  readonly #shards: ReadonlyMap<string, ShardReader>
  readonly #blocks: readonly Block[]
  readonly #blocksOfPool: number
  readonly #options: ShuffleOptions
  #position: ShuffledPosition
  /** The pool at the position: (rows, D), shuffled. */
  #pool: { readonly epoch: number; readonly pool: number; readonly rows: Float32Array } | null = null
  #order: readonly number[] | null = null

  private constructor(
    shards: ReadonlyMap<string, ShardReader>,
    { model, shards: files }: HarvestManifest,
    options: ShuffleOptions,
  ) {
    this.width = model.width
    this.#shards = shards
    this.#options = options
    this.#position = options.position
    const size = options.blockRows ?? BLOCK_ROWS
    this.#blocks = files.flatMap(({ name, rows }) =>
      Array.from({ length: Math.ceil(rows / size) }, (_, index) => ({
        ...{ shard: name, row: index * size, count: Math.min(size, rows - index * size) },
      })),
    )
    const poolRows = options.poolRows ?? Math.min(MOST_POOL_ROWS, Math.floor(POOL_BYTES / (4 * this.width)))
    this.#blocksOfPool = Math.max(1, Math.floor(poolRows / size))
  }

  /** The split must have rows. Throws what opening a shard throws. */
  static async open(
    folder: string,
    manifest: HarvestManifest,
    options: ShuffleOptions,
  ): Promise<ShuffledRows> {
    if (manifest.ledger.split[options.split] === 0)
      throw new Error(`The harvest has no rows that ${options.split}.`)
    const shards = new Map<string, ShardReader>()
    try {
      for (const { name } of manifest.shards) shards.set(name, await ShardReader.open(join(folder, name)))
    } catch (error) {
      for (const shard of shards.values()) await shard.close()
      throw error
    }
    return new ShuffledRows(shards, manifest, options)
  }

  get position(): ShuffledPosition {
    return this.#position
  }

  /** The next `count` rows (count, D), across pools and epochs. Throws `disk/…`, `arrow/damaged`. */
  async next(count: number): Promise<Float32Array<ArrayBuffer>> {
    const D = this.width
    const taken = new Float32Array(count * D)
    let filled = 0
    while (filled < count) {
      const rows = await this.#poolAt(this.#position)
      const { epoch, pool, row } = this.#position
      const here = rows.length / D
      const part = Math.min(count - filled, here - row)
      taken.set(rows.subarray(row * D, (row + part) * D), filled * D)
      filled += part
      if (row + part < here) this.#position = { epoch, pool, row: row + part }
      else if ((pool + 1) * this.#blocksOfPool < this.#blocks.length)
        this.#position = { epoch, pool: pool + 1, row: 0 }
      else this.#position = { epoch: epoch + 1, pool: 0, row: 0 }
    }
    return taken
  }

  async close(): Promise<void> {
    for (const shard of this.#shards.values()) await shard.close()
  }

  async #poolAt({ epoch, pool }: ShuffledPosition): Promise<Float32Array> {
    if (this.#pool?.epoch === epoch && this.#pool.pool === pool) return this.#pool.rows
    if (!this.#order || this.#pool?.epoch !== epoch) {
      this.#order = permutation(this.#blocks.length, this.#options.seed, BLOCKS + 2 * epoch)
    }
    const wanted = splits[this.#options.split]
    const D = this.width
    const kept: Float32Array[] = []
    for (const index of this.#order.slice(pool * this.#blocksOfPool, (pool + 1) * this.#blocksOfPool)) {
      const { shard, row, count } = this.#blocks[index]!
      const { split, activations } = await this.#shards.get(shard)!.read(row, count)
      for (const [at, found] of split.entries()) {
        if (found === wanted) kept.push(activations.subarray(at * D, (at + 1) * D))
      }
    }
    const rows = new Float32Array(kept.length * D)
    const places = permutation(kept.length, this.#options.seed, POOLS + 2 * (epoch * 65_536 + pool))
    for (const [at, place] of places.entries()) rows.set(kept[place]!, at * D)
    this.#pool = { epoch, pool, rows }
    return rows
  }
}

/** 0 … count − 1 in the order of a stream of noise (Fisher and Yates). */
export function permutation(count: number, seed: number, stream: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(noise(seed, stream, last) * (last + 1))
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}

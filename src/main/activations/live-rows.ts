// Rows for training straight from the model, mixed in a pool while the next one is made; nothing is stored.
// Letters: D width of the model, n rows.
import { expected } from '../../shared/errors.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import { beginning, type CorpusPosition } from './chunk.ts'
import type { HeldRows } from './held-rows.ts'
import { joined, type LiveInput, LiveReader, type LiveReaderOptions } from './live-reader.ts'
import type { RowPosition, RowSource } from './row-source.ts'
import { permutation } from './shuffled-rows.ts'

export interface LiveOptions extends LiveReaderOptions {
  /** At most so many rows validate. */
  readonly validationRows: number
  /** The next pool is made while this one is used; only where another thread uses it. */
  readonly ahead?: boolean
}

interface Pool {
  readonly epoch: number
  readonly pool: number
  readonly corpus: CorpusPosition
  /** (n, D), mixed. */
  readonly rows: Float32Array
}

/** Streams of the seed's noise: which of a refill's rows wait for the next, and the order of the pool. */
const [HALVES, MIXES] = [3, 4]
const none = new Float32Array(0)

/**
 * A refill is a chunk of the corpus. Half of its rows, chosen at random, are mixed with those that waited from the
 * refill before; the other half waits for the next. So what follows from a place depends on two chunks alone, and
 * every pass over the corpus hands out each row once.
 */
export class LiveRows implements RowSource {
  readonly held: HeldRows
  readonly #config: HarvestConfig
  readonly #reader: LiveReader
  readonly #ahead: boolean
  readonly #end: () => void
  /** (n, D), for the next pool. */
  #waiting: Float32Array = none
  #pool: Pool | null = null
  #next: Promise<Pool> | undefined
  #row = 0
  /** This pass over the corpus has given no row yet. */
  #barren = true
  #work: Promise<unknown> = Promise.resolve()

  private constructor(
    { config }: LiveInput,
    { reader, held, ahead, end }: { reader: LiveReader; held: HeldRows; ahead: boolean; end: () => void },
  ) {
    this.held = held
    this.#config = config
    this.#reader = reader
    this.#ahead = ahead
    this.#end = end
  }

  /** Measures what is left out, and reads the rows that validate. Throws `AskedToStop`, and what corpus and model throw. */
  static async start(
    input: LiveInput,
    { device, stopping, validationRows, ahead = false }: LiveOptions,
  ): Promise<LiveRows> {
    let closing = false
    const reader = await LiveReader.start(input, { device, stopping: () => closing || stopping() })
    try {
      const held = await reader.validationRows(validationRows)
      return new LiveRows(input, { reader, held, ahead, end: () => (closing = true) })
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  async open({ epoch, pool, row, corpus = beginning }: RowPosition): Promise<void> {
    if (this.#pool?.epoch !== epoch || this.#pool.pool !== pool) {
      await this.#next?.catch(() => undefined)
      ;[this.#pool, this.#next] = [null, undefined]
      await this.#reader.begin(corpus)
      this.#waiting = none
      this.#barren = pool === 0
      // what waits for this pool is from the one before
      if (pool > 0) await this.#take(epoch, pool - 1)
      this.#use(await this.#make(epoch, pool))
    }
    this.#row = row
  }

  async next(count: number, scale: number) {
    const work = this.#rows(count, scale)
    this.#work = work.catch(() => undefined)
    return await work
  }

  validation(batch: number) {
    return this.held.loader(batch)
  }

  async close(): Promise<void> {
    this.#end()
    // the model must not be closed while it runs
    await Promise.all([this.#work, this.#next?.catch(() => undefined)])
    await this.#reader.close()
  }

  async #rows(count: number, scale: number) {
    const { D } = this.#reader
    const x = new Float32Array(count * D)
    let filled = 0
    while (filled < count) {
      const { rows, epoch, pool } = this.#pool!
      if (this.#row === rows.length / D) {
        this.#use(await (this.#next ?? this.#make(epoch, pool + 1)))
        continue
      }
      const part = Math.min(count - filled, rows.length / D - this.#row)
      for (let at = 0; at < part * D; at++) x[filled * D + at] = rows[this.#row * D + at]! * scale
      filled += part
      this.#row += part
    }
    const { epoch, pool, corpus } = this.#pool!
    return { x, position: { epoch, pool, row: this.#row, corpus } }
  }

  #use(pool: Pool): void {
    this.#pool = pool
    this.#row = 0
    if (!this.#ahead) return
    this.#next = this.#make(pool.epoch, pool.pool + 1)
    // a failure is told when its turn comes
    this.#next.catch(() => undefined)
  }

  /** The next pool that has rows; after the end of the corpus the first of another pass over it. */
  async #make(epoch: number, pool: number): Promise<Pool> {
    for (;;) {
      const waited = this.#waiting
      const corpus = pool === 0 ? beginning : this.#reader.starts.before
      const taken = await this.#take(epoch, pool)
      const rows = this.#ordered(joined([waited, taken ?? none]), MIXES, epoch, pool)
      if (rows.length > 0) {
        this.#barren = false
        return { epoch, pool, corpus, rows }
      }
      pool++
      if (taken !== null) continue
      if (this.#barren) throw nothingToTrainOn(this.#config)
      await this.#reader.begin(beginning)
      ;[epoch, pool, this.#barren] = [epoch + 1, 0, true]
    }
  }

  /** Half of the rows of the next chunk; the others wait. Null after the last, and then nothing waits. */
  async #take(epoch: number, pool: number): Promise<Float32Array | null> {
    const found = await this.#reader.trainingRows()
    this.#waiting = none
    if (!found) return null
    const rows = this.#ordered(found, HALVES, epoch, pool)
    const { D } = this.#reader
    const half = Math.ceil(rows.length / D / 2) * D
    this.#waiting = rows.slice(half)
    return rows.slice(0, half)
  }

  /** Rows (n, D) in an order of the seed's. */
  #ordered(rows: Float32Array, stream: number, epoch: number, pool: number): Float32Array {
    const { D } = this.#reader
    const order = permutation(rows.length / D, this.#config.seed, stream + 2 * (epoch * 65_536 + pool))
    const mixed = new Float32Array(rows.length)
    for (const [at, from] of order.entries()) mixed.set(rows.subarray(from * D, (from + 1) * D), at * D)
    return mixed
  }
}

function nothingToTrainOn({ corpus }: HarvestConfig) {
  return expected(
    'sae/no-rows',
    `There is nothing to train on in ${corpus}: no document of the sample has text that is not left out.`,
    'Look at the preview of the corpus, and at which documents the sample takes.',
  )
}

// Rows for training straight from the model, mixed in a pool that is refilled when half is used; nothing is stored.
// Letters: D width of the model, T tokens of a batch's rows.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import type { HubAccess } from '../../shared/hub.ts'
import { batchOf } from '../llama/batch.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { Harvester, release } from '../llama/harvest.ts'
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import { batchesOf } from './batches.ts'
import { beginning, type Chunk, type CorpusPosition } from './chunk.ts'
import { hookFor } from './harvest-cost.ts'
import { calibrationContexts, measuredCalibration } from './measured-calibration.ts'
import type { RowBatch } from './row-loader.ts'
import { AskedToStop, type RowPosition, type RowSource } from './row-source.ts'
import { permutation } from './shuffled-rows.ts'
import { documentSplit, leftOut, type Split, type SplitRule, splits } from './split.ts'
import { textOrderOf } from './text-order.ts'
import type { textCalls } from './text-worker.ts'

export interface LiveInput {
  /** A context holds text of one document: `packing` must be "document". */
  readonly config: HarvestConfig
  readonly checkpoint: Checkpoint
  /** For a corpus on the Hub. */
  readonly hub: HubAccess | null
  /** Where it is kept which documents are taken; what an earlier attempt left there is continued. */
  readonly folder: string
  /** Rows, trained or not, with which the pool is refilled. */
  readonly refill?: number
}

export interface LiveOptions {
  readonly device: UsableDevice
  /** At most so many rows validate. */
  readonly validationRows: number
  /** Looked at between two runs of the model. */
  readonly stopping: () => boolean
}

/** Tokens of a refill, and bytes of their rows. */
const [MOST_REFILL, REFILL_BYTES] = [32_768, 128e6]
/** Streams of the seed's noise: which of a refill's rows wait for the next, and the order of the pool. */
const [HALVES, MIXES] = [3, 4]
const none = new Float32Array(0)

/** The tokens with which the pool is refilled, for rows of D numbers. */
export function refillRows(D: number): number {
  return Math.min(MOST_REFILL, Math.floor(REFILL_BYTES / (4 * D)))
}

/**
 * A refill is a chunk of the corpus. Half of its rows, chosen at random, are mixed with those that waited from the
 * refill before; the other half waits for the next. So what follows from a place depends on two chunks alone, and
 * every pass over the corpus hands out each row once.
 */
export class LiveRows implements RowSource {
  readonly #input: LiveInput
  readonly #options: LiveOptions
  readonly #harvester: Harvester
  readonly #D: number
  #rule: SplitRule | undefined
  #validation: Float32Array = none
  /** (n) */
  #validationTokens = new Int32Array(0)
  readonly #text = new Thread<typeof textCalls>(entryUrl('activations/text-worker', import.meta.url))
  #coming: Promise<Chunk | null> | undefined
  /** Where the chunk that comes begins, and the one before it. */
  #starts = { coming: beginning, before: beginning }
  /** (n, D), for the next pool. */
  #waiting: Float32Array = none
  #pool: {
    readonly epoch: number
    readonly pool: number
    readonly corpus: CorpusPosition
    rows: Float32Array
  } | null = null
  #row = 0
  /** This pass over the corpus has given no row yet. */
  #barren = true
  #closing = false
  #work: Promise<unknown> = Promise.resolve()

  private constructor(input: LiveInput, options: LiveOptions, harvester: Harvester) {
    this.#input = input
    this.#options = options
    this.#harvester = harvester
    this.#D = input.checkpoint.config.width
  }

  /** Measures what is left out, and reads the rows that validate. Throws `AskedToStop`, and what corpus and model throw. */
  static async start(input: LiveInput, options: LiveOptions): Promise<LiveRows> {
    const { config, checkpoint, folder } = input
    mkdirSync(folder, { recursive: true })
    const harvester = await Harvester.open(checkpoint, {
      ...{
        device: options.device,
        hook: hookFor(config, checkpoint.config),
        positions: config.contextLength,
      },
    })
    const rows = new LiveRows(input, options, harvester)
    try {
      await rows.#prepare()
      return rows
    } catch (error) {
      await rows.close()
      throw error
    }
  }

  async open({ epoch, pool, row, corpus = beginning }: RowPosition): Promise<void> {
    if (this.#pool?.epoch !== epoch || this.#pool.pool !== pool) {
      await this.#begin(corpus)
      this.#waiting = none
      this.#barren = pool === 0
      // what waits for this pool is from the one before
      if (pool > 0) await this.#take(epoch, pool - 1)
      await this.#fill(epoch, pool)
    }
    this.#row = row
  }

  async next(count: number, scale: number) {
    const work = this.#next(count, scale)
    this.#work = work.catch(() => undefined)
    return await work
  }

  validation(batch: number) {
    const [D, rows, all] = [this.#D, this.#validation, this.#validationTokens]
    if (rows.length === 0) return null
    const ledger: Record<string, number> = {}
    async function* batches(): AsyncGenerator<RowBatch> {
      for (let at = 0; at < rows.length; at += batch * D) {
        const activations = rows.slice(at, at + batch * D)
        const count = activations.length / D
        ledger[count] = (ledger[count] ?? 0) + 1
        const tokens = all.slice(at / D, at / D + count)
        yield await Promise.resolve({ count, activations, tokens })
      }
    }
    return { batches, ledger }
  }

  async close(): Promise<void> {
    this.#closing = true
    // the model must not be closed while it runs
    await this.#work
    await Promise.all([this.#text.end(), this.#harvester.close()])
  }

  async #prepare(): Promise<void> {
    const { config } = this.#input
    const { seed, validationShare } = config
    const special = new Set(await this.#begin(beginning))
    const sample = await this.#text.call('calibration', [calibrationContexts(config), seed])
    const calibration = await measuredCalibration(this.#harvester, sample, { ...config, special }, () => {
      this.#heed()
      return Promise.resolve()
    })
    this.#rule = { seed, validationShare, calibration, special }
    if (validationShare === 0) return
    const kept: Float32Array[] = []
    const tokens: number[] = []
    let left = this.#options.validationRows
    for (let chunk = await this.#chunk(); chunk && left > 0; chunk = await this.#chunk()) {
      const rows = await this.#rowsOf(chunk, splits.validation, { most: left, tokens })
      left -= rows.length / this.#D
      kept.push(rows)
    }
    this.#validation = joined(kept)
    this.#validationTokens = Int32Array.from(tokens.slice(0, this.#validation.length / this.#D))
  }

  async #next(count: number, scale: number) {
    const D = this.#D
    const x = new Float32Array(count * D)
    let filled = 0
    while (filled < count) {
      const { rows, epoch, pool } = this.#pool!
      if (this.#row === rows.length / D) {
        await this.#fill(epoch, pool + 1)
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

  /** Makes the next pool that has rows; after the end of the corpus the first of another pass over it. */
  async #fill(epoch: number, pool: number): Promise<void> {
    for (;;) {
      const waited = this.#waiting
      const corpus = pool === 0 ? beginning : this.#starts.before
      const taken = await this.#take(epoch, pool)
      const rows = this.#ordered(joined([waited, taken ?? none]), MIXES, epoch, pool)
      if (rows.length > 0) {
        this.#pool = { epoch, pool, corpus, rows }
        this.#row = 0
        this.#barren = false
        return
      }
      pool++
      if (taken !== null) continue
      if (this.#barren) throw nothingToTrainOn(this.#input.config)
      await this.#begin(beginning)
      ;[epoch, pool, this.#barren] = [epoch + 1, 0, true]
    }
  }

  /** Half of the rows of the next chunk; the others wait. Null after the last, and then nothing waits. */
  async #take(epoch: number, pool: number): Promise<Float32Array | null> {
    const chunk = await this.#chunk()
    this.#waiting = none
    if (!chunk) return null
    const rows = this.#ordered(await this.#rowsOf(chunk, splits.train), HALVES, epoch, pool)
    const half = Math.ceil(rows.length / this.#D / 2) * this.#D
    this.#waiting = rows.slice(half)
    return rows.slice(0, half)
  }

  /** Rows (n, D) in an order of the seed's. */
  #ordered(rows: Float32Array, stream: number, epoch: number, pool: number): Float32Array {
    const D = this.#D
    const order = permutation(rows.length / D, this.#input.config.seed, stream + 2 * (epoch * 65_536 + pool))
    const mixed = new Float32Array(rows.length)
    for (const [at, from] of order.entries()) mixed.set(rows.subarray(from * D, (from + 1) * D), at * D)
    return mixed
  }

  /** Reads the corpus from there; resolves to the ids of special tokens. */
  async #begin(position: CorpusPosition): Promise<readonly number[]> {
    const { config, checkpoint, hub, folder, refill = refillRows(this.#D) } = this.#input
    ;[this.#pool, this.#coming] = [null, undefined]
    this.#starts = { coming: position, before: position }
    const { special } = await this.#text.call('open', [
      textOrderOf(config, {
        ...{ checkpoint: checkpoint.folder, hub, position },
        ...{ plan: join(folder, 'plan.sqlite'), cache: join(folder, 'corpus-cache') },
        contexts: Math.max(1, Math.floor(refill / config.contextLength)),
      }),
    ])
    return special
  }

  /** The next chunk, while the thread makes the one after it. */
  async #chunk(): Promise<Chunk | null> {
    const chunk = await (this.#coming ?? this.#text.call('next', []))
    this.#coming = this.#text.call('next', [])
    // a failure is told when its turn comes
    this.#coming.catch(() => undefined)
    this.#starts = { before: this.#starts.coming, coming: chunk?.position ?? this.#starts.coming }
    return chunk
  }

  /**
   * What the model makes of the contexts whose documents are of the split (n, D), without what is left out, and in
   * `tokens` which token each row is of; a batch may bring more of them than `most`.
   */
  async #rowsOf(
    { contexts, position }: Chunk,
    split: Split,
    { most = Infinity, tokens }: { readonly most?: number; readonly tokens?: number[] } = {},
  ): Promise<Float32Array> {
    const D = this.#D
    const rule = this.#rule!
    // numbered as the rows of a harvest are
    let number = position.tokens - contexts.reduce((sum, { ids }) => sum + ids.length, 0)
    const numbered = batchesOf(contexts, 1).map(([index]) => {
      const { ids, pieces } = contexts[index!]!
      number += ids.length
      return { ids, document: pieces[0]!.document, first: number - ids.length }
    })
    const own = numbered.filter(({ document }) => documentSplit(document, rule) === split)
    const kept = new Float32Array(own.reduce((sum, { ids }) => sum + ids.length, 0) * D)
    let filled = 0
    for (const indices of batchesOf(own, this.#input.config.batch)) {
      if (filled >= most) break
      this.#heed()
      const batch = batchOf(indices.map((index) => own[index]!.ids))
      const residuals = await this.#harvester.residuals(batch)
      const { activations, norms } = residuals
      for (const [place, index] of indices.entries()) {
        const { ids, first } = own[index]!
        for (const [at, token] of ids.entries()) {
          const from = place * batch.tokens + at
          if (leftOut({ token, norm: norms[from]!, row: first + at }, rule) !== null) continue
          kept.set(activations.subarray(from * D, (from + 1) * D), filled++ * D)
          tokens?.push(token)
        }
      }
      release(residuals)
    }
    return kept.slice(0, Math.min(filled, most) * D)
  }

  #heed(): void {
    if (this.#closing || this.#options.stopping()) throw new AskedToStop('Asked to stop.')
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function nothingToTrainOn({ corpus }: HarvestConfig) {
  return expected(
    'sae/no-rows',
    `There is nothing to train on in ${corpus}: no document of the sample has text that is not left out.`,
    'Look at the preview of the corpus, and at which documents the sample takes.',
  )
}

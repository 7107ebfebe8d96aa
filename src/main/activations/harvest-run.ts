// Runs the model over the chunks of a harvest and hands what comes out to the writer, which works meanwhile.
import type { SpaceReserve } from '../store/reserve.ts'
import type { Thread } from '../store/thread-calls.ts'
import { batchesOf } from './batches.ts'
import type { Chunk } from './chunk.ts'
import type { HarvestOrder, HarvestWork } from './harvest-order.ts'
import type { HarvestProgress } from './harvest-progress.ts'
import { bytesToCome, harvestSize } from './harvest-size.ts'
import { Stopwatch } from './harvest-times.ts'
import { measuredCalibration } from './measured-calibration.ts'
import type { RowMaker } from './row-maker.ts'
import { type PackedRows, RowSlots } from './row-slots.ts'
import type { Calibration } from './split.ts'
import type { writerCalls } from './writer-worker.ts'

/** Milliseconds between two sketches. */
const SKETCH_INTERVAL = 1_000

/** Bytes of the reserve that are given free at once. */
const ROOM = 4 * 2 ** 20

export interface HarvestRunParts {
  readonly model: Promise<RowMaker>
  readonly writer: Thread<typeof writerCalls>
  readonly reserve: SpaceReserve
}

export class HarvestRun {
  readonly watch = new Stopwatch()
  readonly #order: HarvestOrder
  readonly #work: HarvestWork
  readonly #parts: HarvestRunParts
  readonly #slots: RowSlots
  /** Given to the writer, those of earlier attempts included. */
  #rows = 0
  /** Of them, those that the index has. */
  #indexed = 0
  #commit: Promise<HarvestProgress | null> = Promise.resolve(null)
  /** What the writer is still to do, one thing after the other; where one fails, all that follow it do. */
  readonly #writing: Promise<unknown>[] = []
  /** What the model makes, or is to make next. */
  readonly #making = new Set<Promise<PackedRows>>()
  /** Bytes that are reserved at most. */
  #held = Number.POSITIVE_INFINITY
  #sketchedAt = Number.NEGATIVE_INFINITY

  constructor(order: HarvestOrder, work: HarvestWork, parts: HarvestRunParts) {
    this.#order = order
    this.#work = work
    this.#parts = parts
    const { batch, contextLength, encoding } = order.config
    this.#slots = new RowSlots({
      ...{ rows: batch * contextLength, width: order.model.checkpoint.config.width },
      output: encoding === 'float16' ? 'float16' : 'float32',
    })
  }

  /** So many rows are on disk from earlier attempts. */
  begin(rows: number): void {
    ;[this.#rows, this.#indexed] = [rows, rows]
  }

  /** Takes room for all that is still to be written. Throws `disk/full`. */
  async reserve({ logs }: { readonly logs: boolean }): Promise<void> {
    const { config, model } = this.#order
    await this.#parts.reserve.hold(
      this.#toCome() + (logs ? harvestSize(config, model.checkpoint.config.width).logs : 0),
    )
  }

  /** The thresholds, measured on `contexts` (the ids of each). */
  async calibrate(contexts: readonly Int32Array[], special: ReadonlySet<number>): Promise<Calibration> {
    const options = { ...this.#order.config, special }
    return await measuredCalibration(await this.#parts.model, contexts, options, () => this.#checkpoint())
  }

  /** Resolves once the model was given all of the chunk, which the writer makes durable while the next is under way. */
  async chunk(chunk: Chunk): Promise<void> {
    const { writer } = this.#parts
    const model = await this.#parts.model
    const { contexts, position, leftOut } = chunk
    if (contexts.length === 0) {
      this.#commit = this.#write(() => writer.call('settle', [{ position, leftOut }]))
      return
    }
    void this.#write(() => writer.call('begin', [chunk]))
    for (const indices of batchesOf(contexts, this.#order.config.batch)) {
      await this.#checkpoint()
      await this.#room(model.atOnce)
      const making = model.rows(
        indices.map((index) => contexts[index]!.ids),
        this.#slots.next(),
      )
      this.#follow(making)
      void this.#write(async () => {
        const rows = await making
        this.#rows += rows.norms.length
        await this.#giveRoom()
        await writer.call('add', [indices, rows])
        this.#work.onProgress(this.#rows, this.#order.config.tokens)
      })
      this.#sketch()
    }
    this.#commit = this.#write(async () => {
      this.#indexed = this.#rows
      await this.#giveRoom()
      return await writer.call('commit', [])
    })
  }

  /** Once shards and index hold all chunks so far: how far they are; null when there was none. */
  async committed(): Promise<HarvestProgress | null> {
    return await this.watch.time('waitingForWriting', () => this.#commit)
  }

  /** What is written from here on takes its room, of which a little more is free than it needs. */
  async #giveRoom(): Promise<void> {
    const bytes = this.#toCome()
    if (bytes < this.#held) await this.#parts.reserve.hold((this.#held = Math.max(0, bytes - ROOM)))
  }

  #toCome(): number {
    const { config, model } = this.#order
    return bytesToCome(config, model.checkpoint.config.width, { rows: this.#rows, indexed: this.#indexed })
  }

  /** Does it when everything before it is done. */
  #write<T>(work: () => Promise<T>): Promise<T> {
    const writing = (this.#writing.at(-1) ?? Promise.resolve()).then(work)
    // it is awaited in a later turn, and must not count as unhandled until then
    writing.catch(() => undefined)
    this.#writing.push(writing)
    return writing
  }

  /** What is complete becomes durable before the work stops. */
  async #checkpoint(): Promise<void> {
    try {
      await this.#work.checkpoint()
    } catch (error) {
      await this.#commit
      throw error
    }
  }

  /** Asks the writer, which answers after what it was given before; nobody waits for it. */
  #sketch(): void {
    const wanted = this.#work.onSketch !== undefined
    if (!wanted || performance.now() - this.#sketchedAt < SKETCH_INTERVAL) return
    this.#sketchedAt = performance.now()
    this.#write(() => this.#parts.writer.call('sketch', [])).then(
      (sketch) => this.#work.onSketch?.(sketch),
      // what failed fails where it is waited for
      () => undefined,
    )
  }

  /** Resolves once the model may be given one batch more, and the next slot is free. */
  async #room(atOnce: number): Promise<void> {
    while (this.#making.size >= atOnce) await Promise.race(this.#making)
    // while all other slots may be on their way to the disk, this one must not be
    while (this.#writing.length >= this.#slots.count) {
      const oldest = this.#writing.shift()!
      await (this.#making.size > 0 ? oldest : this.watch.time('waitingForWriting', () => oldest))
    }
  }

  #follow(making: Promise<PackedRows>): void {
    this.#making.add(making)
    const made = () => this.#making.delete(making)
    // where it failed, that is told to who waits for it
    making.then(made, made)
  }
}

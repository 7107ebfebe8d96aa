// What makes the rows of batches: one session of the model in this thread, or several side by side in threads of their own.
import { availableParallelism } from 'node:os'
import { batchOf } from '../llama/batch.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { Harvester, type HarvesterOptions } from '../llama/harvester.ts'
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import type { laneCalls } from './lane-worker.ts'
import { pack, type PackedRows, type RowSlot, rowsIn } from './row-slots.ts'

export interface RowMaker {
  /** How many batches it is given at once, so that it never waits for the next. */
  readonly atOnce: number
  /** Milliseconds in which it ran the model. */
  readonly busy: number
  /** The rows of contexts (the ids of each, the longest first), in the slot. Throws `model/token`, `model/context`. */
  rows(contexts: readonly Int32Array[], slot: RowSlot): Promise<PackedRows>
  /** (T): lengths of the activations of one context. */
  norms(ids: Int32Array): Promise<Float32Array>
  close(): Promise<void>
}

export type RowMakerOptions = Pick<HarvesterOptions, 'device' | 'hook' | 'positions' | 'output'>

export async function openRowMaker(
  checkpoint: Checkpoint,
  options: RowMakerOptions,
  lanes: number,
): Promise<RowMaker> {
  if (lanes === 1) return new OneSession(await Harvester.open(checkpoint, options))
  return await Lanes.open(checkpoint, options, lanes)
}

class OneSession implements RowMaker {
  readonly atOnce = 1
  busy = 0
  readonly #harvester: Harvester

  constructor(harvester: Harvester) {
    this.#harvester = harvester
  }

  async rows(contexts: readonly Int32Array[], slot: RowSlot): Promise<PackedRows> {
    const batch = batchOf(contexts)
    const start = performance.now()
    const residuals = await this.#harvester.residuals(batch)
    this.busy += performance.now() - start
    return rowsIn(slot, pack(residuals, { lengths: batch.lengths, padded: batch.tokens }, slot, 0))
  }

  async norms(ids: Int32Array): Promise<Float32Array> {
    return (await this.#harvester.residuals(batchOf([ids]))).norms
  }

  async close(): Promise<void> {
    await this.#harvester.close()
  }
}

type Lane = Thread<typeof laneCalls>

class Lanes implements RowMaker {
  readonly atOnce: number
  readonly #lanes: readonly { readonly thread: Lane; given: number }[]

  private constructor(threads: readonly Lane[]) {
    this.#lanes = threads.map((thread) => ({ thread, given: 0 }))
    // one that each works on, and one that waits for it
    this.atOnce = 2 * threads.length
  }

  static async open({ folder }: Checkpoint, options: RowMakerOptions, count: number): Promise<Lanes> {
    const lanes = Array.from(
      { length: count },
      () => new Thread<typeof laneCalls>(entryUrl('activations/lane-worker', import.meta.url)),
    )
    const threads = Math.max(1, Math.floor(availableParallelism() / count))
    try {
      await Promise.all(lanes.map((lane) => lane.call('open', [folder, { ...options, threads }])))
    } catch (error) {
      await Promise.all(lanes.map(ended))
      throw error
    }
    return new Lanes(lanes)
  }

  get busy(): number {
    const all = this.#lanes.reduce((sum, { thread }) => sum + (thread.busy.rows ?? 0), 0)
    return all / this.#lanes.length
  }

  async rows(contexts: readonly Int32Array[], slot: RowSlot): Promise<PackedRows> {
    return rowsIn(slot, await this.#inTurn((thread) => thread.call('rows', [contexts, slot])))
  }

  async norms(ids: Int32Array): Promise<Float32Array> {
    return await this.#inTurn((thread) => thread.call('norms', [ids]))
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map(({ thread }) => ended(thread)))
  }

  /** Given to the lane that has least to do. */
  async #inTurn<T>(work: (thread: Lane) => Promise<T>): Promise<T> {
    const lane = this.#lanes.reduce((least, other) => (other.given < least.given ? other : least))
    lane.given++
    try {
      return await work(lane.thread)
    } finally {
      lane.given--
    }
  }
}

/** Once it has done what it was given: a thread that is ended while onnxruntime runs in it takes the process with it. */
async function ended(lane: Lane): Promise<void> {
  await lane.call('close', []).catch(() => undefined)
  await lane.end()
}

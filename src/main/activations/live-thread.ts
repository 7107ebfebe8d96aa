// Rows from a model that works in a thread of its own, beside the steps that train on them.
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import { HeldRows } from './held-rows.ts'
import type { LiveInput } from './live-reader.ts'
import type { LiveOptions } from './live-rows.ts'
import type { liveCalls } from './live-worker.ts'
import { AskedToStop, type RowPosition, type RowSource } from './row-source.ts'

/** Milliseconds between two looks whether it should stop. */
const LOOK = 50

export class LiveThread implements RowSource {
  readonly #thread = new Thread<typeof liveCalls>(entryUrl('activations/live-worker', import.meta.url))
  readonly #stop = new Int32Array(new SharedArrayBuffer(4))
  readonly #looking: NodeJS.Timeout
  #held: HeldRows | undefined

  private constructor(stopping: () => boolean) {
    this.#looking = setInterval(() => stopping() && this.#halt(), LOOK)
  }

  /** As `LiveRows.start`. */
  static async start(
    input: LiveInput,
    { device, validationRows, stopping }: LiveOptions,
  ): Promise<LiveThread> {
    const live = new LiveThread(stopping)
    try {
      const options = { device, validationRows, stop: live.#stop }
      const { rows, tokens } = unlessNull(await live.#thread.call('start', [input, options]))
      live.#held = new HeldRows(rows, tokens, input.checkpoint.config.width)
      return live
    } catch (error) {
      await live.close()
      throw error
    }
  }

  async open(position: RowPosition): Promise<void> {
    unlessNull(await this.#thread.call('open', [position]))
  }

  async next(count: number, scale: number) {
    return unlessNull(await this.#thread.call('next', [count, scale]))
  }

  validation(batch: number) {
    return this.#held?.loader(batch) ?? null
  }

  async close(): Promise<void> {
    clearInterval(this.#looking)
    this.#halt()
    // the model ends before its thread does; what went wrong before is what is told
    await this.#thread.call('close', []).catch(() => undefined)
    await this.#thread.end()
  }

  #halt(): void {
    Atomics.store(this.#stop, 0, 1)
  }
}

function unlessNull<T>(result: T | null): T {
  if (result === null) throw new AskedToStop('Asked to stop.')
  return result
}

// Where the time of a harvest goes: into its three threads, which work at the same time, and into waiting.

/** Milliseconds. */
export interface HarvestTimes {
  /** Reading, cutting and tokenising the corpus, in a thread. */
  readonly text: number
  /** Runs of the model. */
  readonly model: number
  /** Turning activations into what is stored, and handing it to the disk, in another thread. */
  readonly shards: number
  /** Making shards durable and adding to the index, in the same thread as shards. */
  readonly index: number
  /** Merging the index at the end. */
  readonly finish: number
  /** No model ran, because text or the writer was waited for. */
  readonly waitingForText: number
  readonly waitingForWriting: number
}

type Own = 'waitingForText' | 'waitingForWriting'
type Busy = Readonly<Record<string, number>>

export class Stopwatch {
  readonly #spent: Record<Own, number> = { waitingForText: 0, waitingForWriting: 0 }

  async time<T>(what: Own, work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await work()
    this.#spent[what] += performance.now() - start
    return result
  }

  /** With what the model and the threads for text and for writing say of themselves. */
  times({ model, text, writer }: { model: number; text: Busy; writer: Busy }): HarvestTimes {
    return {
      ...{ ...this.#spent, model },
      text: text.next ?? 0,
      shards: (writer.begin ?? 0) + (writer.add ?? 0),
      index: writer.commit ?? 0,
      finish: writer.finish ?? 0,
    }
  }
}

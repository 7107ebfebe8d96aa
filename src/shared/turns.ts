// Work that is done one after the other, whoever asks for it.

export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Does `work` once all that was asked for before it is done; where one fails, the next goes on. */
  next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

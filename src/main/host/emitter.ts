// Tells any number of listeners what happened.

export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>()

  /** Returns the function that stops listening. */
  listen(listener: (value: T) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** As `listen`, until `signal` aborts. */
  listenUntil(signal: AbortSignal, listener: (value: T) => void): void {
    signal.addEventListener('abort', this.listen(listener), { once: true })
  }

  emit(value: T): void {
    for (const listener of this.#listeners) listener(value)
  }
}

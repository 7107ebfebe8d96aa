// Keeps what arrives before a port is listened to, and tells of its end once: the part all ports share.
import type { ErrorData } from '../errors.ts'
import type { PortListener } from './port.ts'

export class Inbox {
  #listener: PortListener | undefined
  #early: unknown[] = []
  #closed = false
  #reason: ErrorData | undefined

  get closed(): boolean {
    return this.#closed
  }

  /** Hands over what came before, then everything that comes. */
  listen(listener: PortListener): void {
    this.#listener = listener
    const wasClosed = this.#closed
    for (const raw of this.#early.splice(0)) listener.onFrame(raw)
    // closed while it took those frames, it has been told already
    if (wasClosed) listener.onClose(this.#reason)
  }

  deliver(raw: unknown): void {
    if (this.#closed) return
    if (this.#listener) this.#listener.onFrame(raw)
    else this.#early.push(raw)
  }

  /** The port is closed; only the first call counts. */
  end(reason?: ErrorData): void {
    if (this.#closed) return
    this.#closed = true
    this.#reason = reason
    this.#listener?.onClose(reason)
  }
}

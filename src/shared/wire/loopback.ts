// Two ports joined in memory: the reference for every other port, and the wire of tests.
import { decodeBytes, encodeFrame } from './codec.ts'
import type { Frame } from './frames.ts'
import { Inbox } from './inbox.ts'
import type { Port, PortListener } from './port.ts'

/** A joined pair; frames pass through the codec, so that what works here works over bytes. */
export function loopback(): [LoopbackPort, LoopbackPort] {
  const left = new Inbox()
  const right = new Inbox()
  return [new LoopbackPort(left, right), new LoopbackPort(right, left)]
}

class LoopbackPort implements Port {
  readonly #own: Inbox
  readonly #peer: Inbox

  constructor(own: Inbox, peer: Inbox) {
    this.#own = own
    this.#peer = peer
  }

  send(frame: Frame): void {
    this.sendBytes(encodeFrame(frame))
  }

  /** Whatever bytes: for tests of malformed input. */
  sendBytes(bytes: Uint8Array): void {
    if (this.#own.closed) return
    queueMicrotask(() => this.#peer.deliver(decodeBytes(bytes)))
  }

  listen(listener: PortListener): void {
    this.#own.listen(listener)
  }

  close(): void {
    queueMicrotask(() => this.#peer.end())
    this.#own.end()
  }
}

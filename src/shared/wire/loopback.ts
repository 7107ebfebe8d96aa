// Two ports joined in memory: the reference for every other port, and the wire of tests.
import { decodeBytes, encodeFrame } from './codec.ts'
import type { Frame } from './frames.ts'
import type { Port, PortListener } from './port.ts'

/** A joined pair; frames pass through the codec, so that what works here works over bytes. */
export function loopback(): [Port, Port] {
  const left = new LoopbackPort()
  const right = new LoopbackPort()
  left.join(right)
  right.join(left)
  return [left, right]
}

class LoopbackPort implements Port {
  #peer: LoopbackPort | undefined
  #listener: PortListener | undefined
  #early: unknown[] = []
  #closed = false

  join(peer: LoopbackPort): void {
    this.#peer = peer
  }

  send(frame: Frame): void {
    if (this.#closed) return
    const bytes = encodeFrame(frame)
    const peer = this.#peer
    if (peer) queueMicrotask(() => peer.#receive(bytes))
  }

  listen(listener: PortListener): void {
    this.#listener = listener
    for (const raw of this.#early.splice(0)) listener.onFrame(raw)
    if (this.#closed) listener.onClose()
  }

  close(): void {
    const peer = this.#peer
    if (peer) queueMicrotask(() => peer.#end())
    this.#end()
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closed) return
    const raw = decodeBytes(bytes)
    if (this.#listener) this.#listener.onFrame(raw)
    else this.#early.push(raw)
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#listener?.onClose()
  }
}

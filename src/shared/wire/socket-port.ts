// A port over a WebSocket, the browser's or Node's: each message is one frame as bytes.
import { decodeBytes, encodeFrame } from './codec.ts'
import type { Frame } from './frames.ts'
import { Inbox } from './inbox.ts'
import type { Port, PortListener } from './port.ts'

/** The part of a WebSocket that is used; the browser's and `ws` both have it. */
export interface SocketLike {
  binaryType: string
  readonly readyState: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close' | 'error', listener: () => void): void
}

const OPEN = 1

export class SocketPort implements Port {
  readonly #socket: SocketLike
  readonly #inbox = new Inbox()

  /** Made before the socket opens, so that nothing that arrives with the opening is missed; send once it is open. */
  constructor(socket: SocketLike) {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    // text is no frame: it decodes to nothing and is refused like any other garbage
    socket.addEventListener('message', ({ data }) =>
      this.#inbox.deliver(data instanceof ArrayBuffer ? decodeBytes(new Uint8Array(data)) : undefined),
    )
    socket.addEventListener('close', () => this.#inbox.end())
    // every error is followed by a close
    socket.addEventListener('error', () => undefined)
  }

  send(frame: Frame): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(encodeFrame(frame))
  }

  listen(listener: PortListener): void {
    this.#inbox.listen(listener)
  }

  close(): void {
    this.#socket.close()
    this.#inbox.end()
  }
}

// A port over a MessagePort, whichever kind: the browser's, a worker thread's, or one of Electron's.
import type { Frame } from './frames.ts'
import { Inbox } from './inbox.ts'
import type { Port, PortListener } from './port.ts'

interface MessageLike {
  readonly data: unknown
}

/** MessagePort as browsers and worker threads have it. */
interface WebMessagePort {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'messageerror', listener: (event: MessageLike) => void): void
  addEventListener(type: 'close', listener: () => void): void
  start(): void
  close(): void
}

/** MessagePort as Electron's main process and its utility processes have it. */
export interface ElectronMessagePort {
  postMessage(message: unknown): void
  on(type: 'message', listener: (event: MessageLike) => void): unknown
  on(type: 'close', listener: () => void): unknown
  start?(): void
  close?(): void
}

type MessagePortLike = WebMessagePort | ElectronMessagePort

export class MessagePortPort implements Port {
  readonly #port: MessagePortLike
  readonly #inbox = new Inbox()

  constructor(port: MessagePortLike) {
    this.#port = port
    const onMessage = (event: MessageLike) => this.#inbox.deliver(event.data)
    const onClose = () => this.#inbox.end()
    if ('addEventListener' in port) {
      port.addEventListener('message', onMessage)
      // it could not be read: nothing, which is refused like any other garbage
      port.addEventListener('messageerror', () => this.#inbox.deliver(undefined))
      port.addEventListener('close', onClose)
    } else {
      port.on('message', onMessage)
      port.on('close', onClose)
    }
    port.start?.()
  }

  send(frame: Frame): void {
    if (!this.#inbox.closed) this.#port.postMessage(frame)
  }

  listen(listener: PortListener): void {
    this.#inbox.listen(listener)
  }

  close(): void {
    this.#port.close?.()
    this.#inbox.end()
  }
}

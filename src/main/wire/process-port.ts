// A port over the channel between a Node process and the child it forked (`serialization: 'advanced'`).
import type { Serializable } from 'node:child_process'
import type { Frame } from '../../shared/wire/frames.ts'
import { Inbox } from '../../shared/wire/inbox.ts'
import type { Port, PortListener } from '../../shared/wire/port.ts'

/** One end of the channel: a `ChildProcess`, or the `process` of the child. */
export interface ProcessChannel {
  readonly connected: boolean
  send?(message: Serializable, callback: (error: Error | null) => void): boolean
  disconnect?(): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
}

export class ProcessPort implements Port {
  readonly #channel: ProcessChannel
  readonly #inbox = new Inbox()

  constructor(channel: ProcessChannel) {
    this.#channel = channel
    channel.on('message', (raw) => this.#inbox.deliver(raw))
    channel.on('disconnect', () => this.#inbox.end())
  }

  send(frame: Frame): void {
    // a child that has just died makes sending fail; its end is told by `disconnect`
    if (this.#channel.connected) this.#channel.send?.(frame, () => undefined)
  }

  listen(listener: PortListener): void {
    this.#inbox.listen(listener)
  }

  close(): void {
    if (this.#channel.connected) this.#channel.disconnect?.()
    this.#inbox.end()
  }
}

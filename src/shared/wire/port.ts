// A port carries frames between two peers in order; everything above it is the same for every kind of port.
import type { ErrorData } from '../errors.ts'
import type { Frame } from './frames.ts'

/** What a port tells its owner. */
export interface PortListener {
  /** Something arrived. Ports that carry bytes decode it; the owner validates it with `parseFrame`. */
  onFrame(raw: unknown): void
  /** The port is closed and stays so; called once. */
  onClose(reason?: ErrorData): void
}

export interface Port {
  /** Sends in order; does nothing once closed. Throws only when the frame cannot be represented. */
  send(frame: Frame): void
  /** Starts delivery; called once by the peer that owns the port. Frames that came before are kept. */
  listen(listener: PortListener): void
  close(): void
}

// How the host starts a compute process, whichever kind of host it is: the seam between Electron and plain Node.
import type { Port } from '../../shared/wire/port.ts'

/** How a compute process ended, as the system reports it. */
export interface ProcessExit {
  readonly code: number | null
  /** "SIGKILL" and the like; null where the system has none or it exited by itself. */
  readonly signal: string | null
}

/** A running compute process. */
export interface ComputeProcess {
  /** Undefined when it could not be started; `onExit` follows. */
  readonly pid: number | undefined
  /** Speaks `computeContract`; the process is the service. */
  readonly port: Port
  /** Whole lines of its standard output: pulses (see `compute/pulse.ts`) and whatever libraries print. */
  onLine(listener: (line: string) => void): void
  /** Whole lines of its standard error. */
  onErrorLine(listener: (line: string) => void): void
  /** Called once, after the last line. */
  onExit(listener: (exit: ProcessExit) => void): void
  /** Ends it now, whatever it is doing; safe to call twice. */
  kill(): void
}

/**
 * Starts a compute process for `job`, whose id appears in its command line (so that an orphan can be recognised), with
 * `env` added to this process's environment.
 */
export type LaunchCompute = (job: string, env?: Readonly<Record<string, string>>) => ComputeProcess

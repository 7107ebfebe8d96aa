// The pulse of a compute process: a line of its standard output twice a second, saying that it lives and what it uses.
import { z } from 'zod'

/** Milliseconds between two pulses. */
export const PULSE_INTERVAL = 500

const MARK = 'monoscope-pulse '

const pulseSchema = z.object({
  /** Resident memory of the process, now and at its highest, in bytes. */
  rss: z.number(),
  peakRss: z.number(),
  /** Processor time used since the start, in seconds. */
  cpuSeconds: z.number(),
  /** Bytes read from and written to disk since the start. */
  diskRead: z.number(),
  diskWrite: z.number(),
})
export type Pulse = z.infer<typeof pulseSchema>

export function formatPulse(pulse: Pulse): string {
  return `${MARK}${JSON.stringify(pulse)}\n`
}

/** The pulse in this line, or null when it is something else that was printed. */
export function parsePulse(line: string): Pulse | null {
  if (!line.startsWith(MARK)) return null
  try {
    return pulseSchema.parse(JSON.parse(line.slice(MARK.length)))
  } catch {
    return null
  }
}

// Whether a compute process still shows signs of life: its pulses are waited for, and their absence is told.
import { PULSE_INTERVAL } from '../compute/pulse.ts'

const FROZEN_AFTER = 60_000

interface PulseListener {
  /** Milliseconds of silence after which the process counts as frozen. */
  readonly frozenAfter?: number | undefined
  /** Told once when a quarter of that has passed without a sign, and again after later ones. */
  onQuiet?(milliseconds: number): void
  /** Told as long as it is so. */
  onFrozen(): void
}

export class PulseWatch {
  readonly #timer: ReturnType<typeof setInterval>
  #lastSign = performance.now()

  constructor({ frozenAfter = FROZEN_AFTER, onQuiet, onFrozen }: PulseListener) {
    let lastTick = performance.now()
    let told = false
    this.#timer = setInterval(() => {
      const now = performance.now()
      // this process slept too (a closed lid): silence proves nothing
      if (now - lastTick > 10 * PULSE_INTERVAL) this.#lastSign = now
      lastTick = now
      const silent = now - this.#lastSign
      if (silent < frozenAfter / 4) {
        told = false
      } else if (silent > frozenAfter) {
        onFrozen()
      } else if (!told) {
        told = true
        onQuiet?.(silent)
      }
    }, PULSE_INTERVAL)
  }

  /** The process has shown that it lives. */
  sign(): void {
    this.#lastSign = performance.now()
  }

  end(): void {
    clearInterval(this.#timer)
  }
}

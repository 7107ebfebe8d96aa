// Recovers the parameters of llama3's rotary positions from the divisors GGUF files ship instead of them (rope_freqs).
import type { Rope } from '../config.ts'

type Llama3 = Extract<Rope, { kind: 'llama3' }>

/** Divisors that differ by less are the same: they are float32, computed in one order or another. */
const TOLERANCE = 1e-4

/** What the published models use: frequencies between 1 and 4 turns in the original context are blended. */
const LOW = 1
const HIGH = 4

/**
 * The llama3 parameters that give `divisors`, one for each of the C/2 frequencies; null when none do. Of the many that
 * give the same divisors (low, high and the original context can be scaled together) the one with low = 1, and the
 * published 4 for high when it fits.
 */
export function llama3FromDivisors(divisors: readonly number[], theta: number): Llama3 | null {
  const factor = rounded(Math.max(...divisors))
  if (!(factor > 1)) return null
  for (const candidate of candidates(divisors, theta, factor)) {
    const given = divisorsOf(candidate, divisors.length)
    if (given.every((divisor, index) => Math.abs(divisor / divisors[index]! - 1) < TOLERANCE))
      return candidate
  }
  return null
}

/** What each frequency is divided by. */
function divisorsOf(rope: Llama3, count: number): number[] {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = rope
  return frequencies(rope.theta, count).map((frequency) => {
    const turns = (rope.originalPositions * frequency) / (2 * Math.PI)
    const share = Math.min(Math.max((turns - low) / (high - low), 0), 1)
    return 1 / ((1 - share) / factor + share)
  })
}

function* candidates(divisors: readonly number[], theta: number, factor: number): Generator<Llama3> {
  const common = { kind: 'llama3', theta, factor, lowFrequencyFactor: LOW } as const
  for (let positions = 64; positions <= 2 ** 20; positions *= 2) {
    yield { ...common, highFrequencyFactor: HIGH, originalPositions: positions }
  }
  const fitted = fit(divisors, frequencies(theta, divisors.length), factor)
  if (fitted) yield { ...common, ...fitted }
}

/**
 * Between the two ends the share of the unscaled frequency grows linearly with the frequency, from 0 at one turn:
 * share = (positions · frequency / 2π − 1) / (high − 1). The line through the blended ones gives both.
 */
function fit(
  divisors: readonly number[],
  frequencies: readonly number[],
  factor: number,
): Pick<Llama3, 'highFrequencyFactor' | 'originalPositions'> | null {
  const points: { x: number; y: number }[] = []
  for (const [index, divisor] of divisors.entries()) {
    const y = (1 / divisor - 1 / factor) / (1 - 1 / factor)
    if (y > 1e-3 && y < 1 - 1e-3) points.push({ x: frequencies[index]!, y })
  }
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || first === last) return null
  const slope = (first.y - last.y) / (first.x - last.x)
  const intercept = first.y - slope * first.x
  const highFrequencyFactor = rounded(1 - 1 / intercept)
  const originalPositions = rounded(slope * (highFrequencyFactor - LOW) * 2 * Math.PI)
  return highFrequencyFactor > LOW && originalPositions > 0
    ? { highFrequencyFactor, originalPositions }
    : null
}

function frequencies(theta: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => theta ** (-index / count))
}

/** The whole number that float32's noise hides, if there is one. */
function rounded(value: number): number {
  const whole = Math.round(value)
  return Math.abs(value - whole) < TOLERANCE * whole ? whole : value
}

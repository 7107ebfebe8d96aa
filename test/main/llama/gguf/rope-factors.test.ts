// llama3's rotary parameters recovered from the divisors llama.cpp's converter writes.
import { expect, it } from 'vitest'
import { llama3FromDivisors } from '../../../../src/main/llama/gguf/rope-factors.ts'

interface Scaling {
  readonly theta: number
  readonly headWidth: number
  readonly factor: number
  readonly low: number
  readonly high: number
  readonly positions: number
}

/** As the converter computes them: by wavelengths, case by case, in float32. */
function divisorsOf({ theta, headWidth, factor, low, high, positions }: Scaling): number[] {
  return Array.from({ length: headWidth / 2 }, (_, index) => {
    const wavelength = 2 * Math.PI * theta ** ((2 * index) / headWidth)
    if (wavelength < positions / high) return 1
    if (wavelength > positions / low) return factor
    const smooth = (positions / wavelength - low) / (high - low)
    return Math.fround(1 / ((1 - smooth) / factor + smooth))
  })
}

const published = { low: 1, high: 4, positions: 8192, theta: 500_000 }

it.each([
  ['Llama 3.1 8B', { ...published, headWidth: 128, factor: 8 }],
  ['Llama 3.2 1B', { ...published, headWidth: 64, factor: 32 }],
  [
    'a tiny model with one blended frequency or none',
    { ...published, positions: 64, headWidth: 16, factor: 32 },
  ],
])('%s: as published', (_name, scaling) => {
  expect(llama3FromDivisors(divisorsOf(scaling), scaling.theta)).toEqual({
    kind: 'llama3',
    theta: scaling.theta,
    factor: scaling.factor,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalPositions: scaling.positions,
  })
})

it.each([
  { theta: 10_000, headWidth: 64, factor: 2.5, low: 2, high: 8, positions: 3000 },
  { theta: 500_000, headWidth: 128, factor: 16, low: 1, high: 2.5, positions: 6000 },
])('unusual ones are fitted: %j', (scaling) => {
  const divisors = divisorsOf(scaling)
  const rope = llama3FromDivisors(divisors, scaling.theta)!
  expect(rope.factor).toBe(scaling.factor)
  // low, high and the positions can be scaled together; their ratios cannot
  expect(rope.highFrequencyFactor).toBeCloseTo(scaling.high / scaling.low, 2)
  expect(rope.originalPositions / (scaling.positions / scaling.low)).toBeCloseTo(1, 3)
  const again = divisorsOf({
    ...scaling,
    low: rope.lowFrequencyFactor,
    high: rope.highFrequencyFactor,
    positions: rope.originalPositions,
  })
  for (const [index, divisor] of divisors.entries()) expect(again[index]! / divisor).toBeCloseTo(1, 3)
})

it.each([
  ['that follow another formula', Array.from({ length: 32 }, (_, index) => 1 + index / 8)],
  ['that shrink', Array.from({ length: 32 }, () => 0.5)],
  ['that are no numbers', Array.from({ length: 32 }, (_, index) => (index === 3 ? NaN : 1))],
  [
    'with one wrong',
    divisorsOf({ ...published, headWidth: 64, factor: 32 }).map((d, i) => (i === 20 ? d * 1.01 : d)),
  ],
])('divisors %s are none of llama3’s', (_what, divisors) => {
  expect(llama3FromDivisors(divisors, 500_000)).toBeNull()
})

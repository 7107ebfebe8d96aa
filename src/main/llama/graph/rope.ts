// Rotary positions (Su et al., 2021): the angle of each pair of a head's width at each position, as LLaMA stretches them.
import type { LlamaConfig, Rope } from '../config.ts'

/** Cosines and sines of the angles, each (positions, C/2) flat. */
export function rotaryTables(
  { rope, headWidth }: Pick<LlamaConfig, 'rope' | 'headWidth'>,
  positions: number,
): { cos: Float32Array; sin: Float32Array } {
  const frequencies = frequenciesOf(rope, headWidth)
  const pairs = frequencies.length
  const cos = new Float32Array(positions * pairs)
  const sin = new Float32Array(positions * pairs)
  for (let position = 0; position < positions; position++) {
    for (const [pair, frequency] of frequencies.entries()) {
      cos[position * pairs + pair] = Math.cos(position * frequency)
      sin[position * pairs + pair] = Math.sin(position * frequency)
    }
  }
  return { cos, sin }
}

/** Radians a token, for each pair. */
function frequenciesOf(rope: Rope, headWidth: number): number[] {
  const plain = Array.from({ length: headWidth / 2 }, (_, pair) => rope.theta ** ((-2 * pair) / headWidth))
  switch (rope.kind) {
    case 'default':
      return plain
    case 'linear':
      return plain.map((frequency) => frequency / rope.factor)
    case 'llama3':
      return plain.map((frequency) => stretched(frequency, rope))
  }
}

/** Llama 3.1's rule: fast turns stay, slow ones are slowed by the factor, and those between are mixed. */
function stretched(frequency: number, rope: Extract<Rope, { kind: 'llama3' }>): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = rope
  const turns = (originalPositions * frequency) / (2 * Math.PI)
  if (turns < low) return frequency / factor
  if (turns >= high) return frequency
  const share = (turns - low) / (high - low)
  return ((1 - share) * frequency) / factor + share * frequency
}

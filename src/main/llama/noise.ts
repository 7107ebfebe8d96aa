// Random numbers that are looked up, not drawn: one for each seed, stream and step, whatever else happens.

/**
 * A number from 0 up to 1 (exclusive) for step `step` of stream `stream`; all three are whole numbers below 2³².
 * Philox 2×32 with 10 rounds (Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", 2011).
 */
export function noise(seed: number, stream: number, step: number): number {
  const [high, low] = philox(step, stream, seed)
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53
}

const ROUNDS = 10
const MULTIPLIER = 0xd256d193
const WEYL = 0x9e3779b9

/** Two words of noise for a counter of two words and a key. */
export function philox(left: number, right: number, key: number): [number, number] {
  for (let round = 0; round < ROUNDS; round++) {
    const low = Math.imul(MULTIPLIER, left)
    left = (highWord(MULTIPLIER, left) ^ key ^ right) >>> 0
    right = low >>> 0
    key = (key + WEYL) >>> 0
  }
  return [left >>> 0, right >>> 0]
}

/** The upper 32 bits of the product of two words. */
function highWord(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff]
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16)
  const other = aLow * bHigh + (cross % 0x10000)
  return aHigh * bHigh + Math.floor(cross / 0x10000) + Math.floor(other / 0x10000)
}

// Rows of activations that are the same every time.
import type { ShardRows } from '../../src/main/activations/shard.ts'

/** Numbers from 0 to 1, the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `rows` rows of width D whose activations lie between -10 and 10; contexts of 16 tokens. */
export function shardRows(rows: number, width: number, seed = 1): ShardRows {
  const random = generator(seed)
  return {
    context: Uint32Array.from({ length: rows }, (_, row) => row >> 4),
    position: Uint16Array.from({ length: rows }, (_, row) => row & 15),
    token: Int32Array.from({ length: rows }, () => Math.floor(random() * 50_000)),
    sentence: Uint32Array.from({ length: rows }, (_, row) => row >> 3),
    split: Uint8Array.from({ length: rows }, (_, row) => row % 3),
    activations: Float32Array.from({ length: rows * width }, () => random() * 20 - 10),
  }
}

// Files damaged in many ways, always the same ones: seeded mutations for fuzz tests.

/** Numbers that lengths, counts and offsets are not. */
const lengths = [
  0n,
  1n,
  0xffn,
  0xffffn,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
]
const words = [
  '9223372036854775808',
  '18446744073709551615',
  '9007199254740993',
  '-1',
  '1e308',
  '0.5',
  'null',
  'true',
  '""',
  '"../../x"',
  '[]',
  '{}',
  '[[[[[[[[',
  '{"a":{"a":{"a":{"a":',
  '"F64"',
  '"__proto__"',
  '\u0000',
]

/** Whole numbers below `limit`, seeded (mulberry32). */
export type Dice = (limit: number) => number

export function dice(seed: number): Dice {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** One to four damages to a copy of `bytes`. */
export function damagedBytes(bytes: Uint8Array, roll: Dice): Buffer {
  let copy: Buffer = Buffer.from(bytes)
  for (let times = 1 + roll(4); times > 0 && copy.length > 0; times--) copy = damage(copy, roll)
  return copy
}

/** One to four values of a JSON text replaced, doubled or cut off. */
export function damagedText(text: string, roll: Dice): string {
  let copy = text
  for (let times = 1 + roll(4); times > 0; times--) {
    const values = [...copy.matchAll(/"[^"]*"|-?\d+/g)]
    const found = values[roll(Math.max(values.length, 1))]
    if (!found) return copy
    const end = found.index + found[0].length
    const word = words[roll(words.length)]!
    const kind = roll(10)
    if (kind === 0) copy = copy.slice(0, end)
    else if (kind === 1) copy = copy.slice(0, end) + copy.slice(Math.max(0, end - roll(200)))
    else copy = copy.slice(0, found.index) + word + copy.slice(end)
  }
  return copy
}

function damage(bytes: Buffer, roll: Dice): Buffer {
  const at = roll(bytes.length)
  switch (roll(6)) {
    case 0:
      bytes[at]! ^= 1 << roll(8)
      return bytes
    case 1:
      bytes[at] = roll(256)
      return bytes
    case 2:
      return bytes.subarray(0, at)
    case 3: {
      // a piece of it somewhere else
      const piece = bytes.subarray(at, at + roll(64))
      return Buffer.concat([bytes.subarray(0, roll(bytes.length)), piece, bytes.subarray(at)])
    }
    default: {
      const length = Buffer.alloc(8)
      length.writeBigUInt64LE(lengths[roll(lengths.length)]!)
      length.copy(bytes, at, 0, [4, 8][roll(2)])
      return bytes
    }
  }
}

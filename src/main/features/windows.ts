// What stands around a token, as numbers that can be compared: the same tokens around it, and the same five up to it.

/** Tokens on either side. */
export const WINDOW = 16
/** Tokens of a piece of boilerplate. */
const GRAM = 5

/** Of each place of a context. */
export interface Windows {
  /** Equal where the 33 tokens around are the same, in whatever order. */
  readonly around: Uint32Array
  /** Equal where the five tokens that end there are the same. */
  readonly ending: Uint32Array
}

/** Different windows have the same number once in 2³² times. */
export function windowsOf(tokens: Int32Array): Windows {
  const n = tokens.length
  // sums do not depend on the order
  const sums = new Uint32Array(n + 1)
  for (let at = 0; at < n; at++) sums[at + 1] = sums[at]! + mixed(tokens[at]!)
  const around = new Uint32Array(n)
  const ending = new Uint32Array(n)
  for (let at = 0; at < n; at++) {
    around[at] = mixed(sums[Math.min(n, at + WINDOW + 1)]! - sums[Math.max(0, at - WINDOW)]!)
    let gram = 0
    for (let place = Math.max(0, at - GRAM + 1); place <= at; place++) gram = mixed(gram ^ tokens[place]!)
    ending[at] = gram
  }
  return { around, ending }
}

/** The finaliser of MurmurHash3: every bit of the number changes half of the bits. */
function mixed(number: number): number {
  let hash = (number + 0x9e3779b9) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

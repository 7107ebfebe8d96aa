// Which features fire together: of a sample of each feature's firings, how often every other one fires there, too.
// Letters: F features, G features that are counted in one pass.
import { allPieces, rowKinds } from './codes.ts'
import type { Together } from './blobs.ts'

/** Firings of a feature that are looked at, at most. */
export const MOST_SAMPLED = 1_000
/** In fewer of them, being together may be chance. */
export const LEAST_JOINT = 10
export const COMPANIONS = 50
/** Bytes of the counts of one pass. */
const COUNT_BYTES = 2 ** 25

/** Features of a pass. */
export function featuresAtOnce(F: number): number {
  return Math.max(1, Math.min(F, Math.floor(COUNT_BYTES / (2 * F))))
}

export interface Companions {
  readonly sample: number
  readonly together: readonly Together[]
}

interface CountOptions {
  readonly folder: string
  readonly shards: number
  /** Rows that count. */
  readonly rows: number
  /** (F) */
  readonly firings: Uint32Array
  /** The first feature that is counted, and how many. */
  readonly from: number
  readonly count: number
  /** Room for the counts (count, F), whatever is in it: one for all passes. */
  readonly room: Uint16Array
  onShard(done: number): Promise<void>
}

/**
 * Of each of the features, those it fires together with, by normalised pointwise mutual information:
 * ln(p(xy) / p(x)p(y)) / −ln p(xy), with p(xy) = p(x) · joint / sample. Which firings are in the sample depends on the
 * row alone, spread over all of them. Throws `disk/…`, `arrow/damaged`.
 */
export async function countTogether(options: CountOptions): Promise<Companions[]> {
  const { folder, shards, rows, firings, from, count, room, onShard } = options
  const F = firings.length
  const joint = room.subarray(0, count * F).fill(0)
  const sample = new Uint32Array(count)
  const limits = Float64Array.from({ length: count }, (_, at) =>
    Math.min(2 ** 32, (MOST_SAMPLED / Math.max(1, firings[from + at]!)) * 2 ** 32),
  )
  let first = 0
  for await (const { kind, starts, features } of allPieces(folder, shards, onShard)) {
    for (let row = 0; row < kind.length; row++) {
      if (kind[row] !== rowKinds.counted) continue
      const [begin, end] = [starts[row]!, starts[row + 1]!]
      for (let at = begin; at < end; at++) {
        const x = features[at]! - from
        if (x < 0 || x >= count || sample[x]! >= MOST_SAMPLED) continue
        if (scattered(first + row, x + from) >= limits[x]!) continue
        sample[x]!++
        for (let other = begin; other < end; other++) joint[x * F + features[other]!]!++
      }
    }
    first += kind.length
  }
  return Array.from({ length: count }, (_, at) => ({
    sample: sample[at]!,
    together: best(joint.subarray(at * F, (at + 1) * F), from + at, sample[at]!, { rows, firings }),
  }))
}

function best(
  joint: Uint16Array,
  feature: number,
  sample: number,
  { rows, firings }: Pick<CountOptions, 'rows' | 'firings'>,
): Together[] {
  const found: Together[] = []
  for (let other = 0; other < joint.length; other++) {
    const count = joint[other]!
    if (count < LEAST_JOINT || other === feature) continue
    const both = (firings[feature]! / rows) * (count / sample)
    const pmi = Math.log(count / sample / (firings[other]! / rows))
    found.push({ feature: other, joint: count, npmi: both >= 1 ? 1 : pmi / -Math.log(both) })
  }
  return found.sort((a, b) => b.npmi - a.npmi || a.feature - b.feature).slice(0, COMPANIONS)
}

/** A number below 2³² for a row and a feature, as if by chance. */
export function scattered(row: number, feature: number): number {
  let hash = Math.imul(row ^ 0x2545f491, 0x9e3779b1) ^ Math.imul(feature + 1, 0x85ebca77)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}

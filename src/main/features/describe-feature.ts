// What the firings of one feature add up to: its numbers, its contexts, and the tokens it fires on.
// Letters: G groups of documents, P groups of positions.
import { HISTOGRAM_BINS } from '../../shared/features.ts'
import { positionGroup } from '../../shared/norm-bins.ts'
import type { Firings } from './buckets.ts'

/** Tokens that are kept by their mean, and by how often they fire. */
export const STRONG_TOKENS = 20
/** Of a token that a mean is told of, unless the feature has none that fires so often. */
const TELLING = 3

/** Tokens by which it is found. */
const SUMMED_TOKENS = 10

export interface TokenCount {
  readonly id: number
  readonly firings: number
  readonly mean: number
  readonly max: number
}

/** One context in which it fires, by its greatest activation, the first of equal ones. */
export interface FiredContexts {
  /** Ascending. */
  readonly context: Uint32Array
  readonly position: Uint16Array
  readonly value: Float16Array
  /** See windows.ts; at that position. */
  readonly around: Uint32Array
}

export interface Described {
  readonly firings: number
  readonly max: number
  readonly mean: number
  /** (50) */
  readonly histogram: Uint32Array
  /** Firings by group of documents (G) and of positions (P). */
  readonly byGroup: Uint32Array
  readonly byPosition: Uint32Array
  readonly contexts: FiredContexts
  readonly byMean: readonly TokenCount[]
  readonly byCount: readonly TokenCount[]
  /** The tokens with most of its activation, and how much of it each has. */
  readonly bySum: readonly { readonly id: number; readonly share: number }[]
  /** The token with most of its activation, and how much of it: 0 to 1; −1 and 0 for a dead one. */
  readonly token: number
  readonly tokenShare: number
  /** Shares of its activation: on tokens that are marks (null where nobody knows), and at the first four positions of text. */
  readonly marksShare: number | null
  readonly earlyShare: number
  /** Share of its contexts whose five tokens up to the greatest activation stand in another of them before. */
  readonly repeatedShare: number
}

export interface DescribeOptions {
  readonly groups: number
  readonly positions: number
  /** Whether contexts begin with a special token. */
  readonly bos: boolean
  readonly marks: { has(token: number): boolean } | null
}

/** Positions of text that count as its beginning. */
const EARLY = 4

export function describe(firings: Firings, options: DescribeOptions): Described {
  const { count } = firings
  const byGroup = new Uint32Array(options.groups)
  const byPosition = new Uint32Array(options.positions)
  const tokens = new Map<number, { firings: number; sum: number; max: number }>()
  const early = EARLY + (options.bos ? 1 : 0)
  let [max, sum, earlySum] = [0, 0, 0]
  for (let at = 0; at < count; at++) {
    const [value, position, id] = [firings.value(at), firings.position(at), firings.token(at)]
    byGroup[firings.group(at)]!++
    byPosition[positionGroup(position)]!++
    if (value > max) max = value
    sum += value
    if (position < early) earlySum += value
    const token = tokens.get(id)
    if (!token) tokens.set(id, { firings: 1, sum: value, max: value })
    else {
      token.firings++
      token.sum += value
      if (value > token.max) token.max = value
    }
  }
  const share = (part: number) => (sum > 0 ? part / sum : 0)
  let onMarks = 0
  for (const [id, { sum: its }] of tokens) if (options.marks?.has(id)) onMarks += its
  const bySum = Array.from(tokens, ([id, token]) => ({ id, share: share(token.sum) }))
    .sort((a, b) => b.share - a.share || a.id - b.id)
    .slice(0, SUMMED_TOKENS)
  const { contexts, repeatedShare } = contextsOf(firings)
  return {
    ...{ firings: count, max, mean: count > 0 ? sum / count : 0, byGroup, byPosition, contexts },
    histogram: histogramOf(firings, max),
    ...{ ...strongest(tokens), bySum, token: bySum[0]?.id ?? -1, tokenShare: bySum[0]?.share ?? 0 },
    ...{ earlyShare: share(earlySum), repeatedShare },
    marksShare: options.marks ? share(onMarks) : null,
  }
}

function histogramOf(firings: Firings, max: number): Uint32Array {
  const bins = new Uint32Array(HISTOGRAM_BINS)
  for (let at = 0; at < firings.count; at++) {
    bins[Math.min(HISTOGRAM_BINS - 1, Math.floor((firings.value(at) / max) * HISTOGRAM_BINS))]!++
  }
  return bins
}

function strongest(
  tokens: ReadonlyMap<number, { readonly firings: number; readonly sum: number; readonly max: number }>,
): Pick<Described, 'byMean' | 'byCount'> {
  const all = Array.from(tokens, ([id, { firings, sum, max }]) => ({ id, firings, mean: sum / firings, max }))
  const telling = all.filter(({ firings }) => firings >= TELLING)
  const meant = telling.length > 0 ? telling : all
  return {
    byMean: meant.toSorted((a, b) => b.mean - a.mean || a.id - b.id).slice(0, STRONG_TOKENS),
    byCount: all.sort((a, b) => b.firings - a.firings || a.id - b.id).slice(0, STRONG_TOKENS),
  }
}

/** The firings of a context follow each other. */
function contextsOf(firings: Firings): { contexts: FiredContexts; repeatedShare: number } {
  let n = 0
  for (let at = 0, last = -1; at < firings.count; at++) {
    const its = firings.context(at)
    if (its !== last) n++
    last = its
  }
  const found = {
    ...{ context: new Uint32Array(n), position: new Uint16Array(n), value: new Float16Array(n) },
    around: new Uint32Array(n),
  }
  const ending = new Uint32Array(n)
  for (let at = 0, place = -1; at < firings.count; at++) {
    const [context, value] = [firings.context(at), firings.value(at)]
    if (place >= 0 && found.context[place] === context) {
      if (value <= found.value[place]!) continue
    } else place++
    found.context[place] = context
    found.position[place] = firings.position(at)
    found.value[place] = value
    found.around[place] = firings.around(at)
    ending[place] = firings.ending(at)
  }
  return { contexts: ascending(found), repeatedShare: n > 0 ? 1 - different(ending) / n : 0 }
}

/** The same by context: shards have them nearly so, longer ones before shorter. */
function ascending({ context, position, value, around }: FiredContexts): FiredContexts {
  const order = Uint32Array.from(context, (_, at) => at).sort((a, b) => context[a]! - context[b]!)
  return {
    context: context.map((_, at) => context[order[at]!]!),
    position: position.map((_, at) => position[order[at]!]!),
    value: value.map((_, at) => value[order[at]!]!),
    around: around.map((_, at) => around[order[at]!]!),
  }
}

/** How many different numbers there are; sorts them. */
function different(numbers: Uint32Array): number {
  numbers.sort()
  return numbers.reduce((count, number, at) => count + (at === 0 || number !== numbers[at - 1] ? 1 : 0), 0)
}

// Which contexts show what a feature does: the strongest, some of each strength, and some in which it is silent.
import { noise } from '../llama/noise.ts'
import { placeOf } from './ascending.ts'
import type { FiredContexts } from './describe-feature.ts'

const TOP = 20
export const QUANTILES = 5
const OF_QUANTILE = 5
const SILENT = 10
/** Contexts that are looked at for silent ones, and tokens they have at least. */
const TRIES = 200
const SILENT_TOKENS = 8
/** A stream of noise; features are its steps' high part. */
const SILENCE = 12

/** A context and where in it; the kinds are `top`, each of the quantiles from the weakest, and `silent`. */
export interface ChosenExample {
  readonly context: number
  /** −1 where it does not fire. */
  readonly position: number
  readonly value: number
}

export interface ChosenExamples {
  readonly top: readonly ChosenExample[]
  /** From the weakest fifth of the contexts to the strongest. */
  readonly quantiles: readonly {
    readonly from: number
    readonly to: number
    readonly contexts: number
    readonly examples: readonly ChosenExample[]
  }[]
  readonly silent: readonly ChosenExample[]
}

/** Of all contexts that are indexed: their numbers, ascending, and how many tokens each has. */
export interface IndexedContexts {
  readonly context: Uint32Array
  readonly tokens: Uint32Array
}

/** The same for the same feature. A context whose window has the same tokens as one that is shown is passed by. */
export function chooseExamples(
  feature: number,
  fired: FiredContexts,
  indexed: IndexedContexts,
): ChosenExamples {
  const { context, position, value, around } = fired
  const n = context.length
  // from the strongest to the weakest; equal ones in the order of the corpus
  const order = Uint32Array.from({ length: n }, (_, at) => at).sort((a, b) => value[b]! - value[a]! || a - b)
  const seen = new Set<number>()
  const shown = new Set<number>()
  const take = (at: number): ChosenExample | undefined => {
    if (seen.has(around[at]!)) return undefined
    seen.add(around[at]!)
    shown.add(at)
    return { context: context[at]!, position: position[at]!, value: value[at]! }
  }
  const top: ChosenExample[] = []
  for (let rank = 0; rank < n && top.length < TOP; rank++) {
    const taken = take(order[rank]!)
    if (taken) top.push(taken)
  }
  const quantiles = Array.from({ length: n > 0 ? QUANTILES : 0 }, (_, quantile) => {
    // ranks from the weakest
    const [from, to] = [Math.floor((quantile * n) / QUANTILES), Math.floor(((quantile + 1) * n) / QUANTILES)]
    const at = (rank: number) => order[n - 1 - rank]!
    const examples: ChosenExample[] = []
    for (let turn = 0; turn < OF_QUANTILE; turn++) {
      const begin = from + Math.floor(((turn + 0.5) * (to - from)) / OF_QUANTILE)
      const end = from + Math.floor(((turn + 1.5) * (to - from)) / OF_QUANTILE)
      for (let rank = begin; rank < Math.min(to, Math.max(end, begin + 1)); rank++) {
        const taken = shown.has(at(rank)) ? undefined : take(at(rank))
        if (!taken) continue
        examples.push(taken)
        break
      }
    }
    return {
      from: to > from ? value[at(from)]! : 0,
      to: to > from ? value[at(to - 1)]! : 0,
      contexts: to - from,
      examples,
    }
  })
  return { top, quantiles, silent: silentOf(feature, context, indexed) }
}

function silentOf(feature: number, fired: Uint32Array, indexed: IndexedContexts): ChosenExample[] {
  const silent: ChosenExample[] = []
  const chosen = new Set<number>()
  for (let turn = 0; turn < TRIES && silent.length < SILENT; turn++) {
    const place = Math.floor(noise(feature, SILENCE, turn) * indexed.context.length)
    const context = indexed.context[place]
    if (context === undefined) break
    if (indexed.tokens[place]! < SILENT_TOKENS || chosen.has(context) || placeOf(fired, context) >= 0)
      continue
    chosen.add(context)
    silent.push({ context, position: -1, value: 0 })
  }
  return silent
}

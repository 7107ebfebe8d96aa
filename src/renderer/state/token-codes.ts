// What a text's sparse codes say: one feature over all of its tokens, all features of one token, and of all of them together.
// Letters: T tokens.
import type { TokenCodes } from '../../shared/features.ts'

type Codes = Pick<TokenCodes, 'texts' | 'special' | 'starts' | 'features' | 'values'>

/** (T): the activation of one feature at each token; 0 where it does not fire. */
export function valuesOf(
  { texts, starts, features, values }: Omit<Codes, 'special'>,
  feature: number,
): Float32Array {
  const found = new Float32Array(texts.length)
  for (let token = 0; token < texts.length; token++) {
    for (let code = starts[token]!; code < starts[token + 1]!; code++) {
      if (features[code] === feature) found[token] = values[code]!
    }
  }
  return found
}

/** Index of the greatest value above 0; −1 without any. */
export function peakOf(values: ArrayLike<number>): number {
  let peak = -1
  for (let at = 0; at < values.length; at++) {
    if (values[at]! > (peak < 0 ? 0 : values[peak]!)) peak = at
  }
  return peak
}

export interface Fired {
  readonly feature: number
  readonly value: number
}

/** The features of one token, the strongest first. */
export function firedAt({ starts, features, values }: Codes, token: number): Fired[] {
  const fired: Fired[] = []
  for (let code = starts[token] ?? 0; code < (starts[token + 1] ?? 0); code++) {
    fired.push({ feature: features[code]!, value: values[code]! })
  }
  return fired.sort((a, b) => b.value - a.value || a.feature - b.feature)
}

export interface Ranked {
  readonly feature: number
  /** Of all tokens. */
  readonly max: number
  readonly sum: number
  readonly tokens: number
  /** Index of the token with its greatest activation. */
  readonly peak: number
}

export type Ranking = 'max' | 'sum' | 'tokens'

/** All features that fire on a token that is text, by their greatest activation, its sum, or on how many tokens. */
export function rankedIn({ texts, special, starts, features, values }: Codes, by: Ranking): Ranked[] {
  const found = new Map<number, { -readonly [key in keyof Ranked]: Ranked[key] }>()
  for (let token = 0; token < texts.length; token++) {
    if (special[token] === 1) continue
    for (let code = starts[token]!; code < starts[token + 1]!; code++) {
      const [feature, value] = [features[code]!, values[code]!]
      const known = found.get(feature)
      if (!known) {
        found.set(feature, { feature, max: value, sum: value, tokens: 1, peak: token })
        continue
      }
      known.sum += value
      known.tokens++
      if (value > known.max) [known.max, known.peak] = [value, token]
    }
  }
  return [...found.values()].sort((a, b) => b[by] - a[by] || a.feature - b.feature)
}

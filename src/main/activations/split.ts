// Which rows train, which validate and which are left out: by thresholds that are fixed before the first row is written.
import { noise } from '../llama/noise.ts'

/** As the column `split` of a shard has it. */
export const splits = { leftOut: 0, train: 1, validation: 2 } as const
export type Split = (typeof splits)[keyof typeof splits]

/** Why rows are left out. */
export const leftOutReasons = ['special', 'sink', 'frequent'] as const
export type LeftOutReason = (typeof leftOutReasons)[number]

/** Measured on the calibration sample. */
export interface Calibration {
  readonly contexts: number
  readonly tokens: number
  /** Median norm of the residual stream, special tokens not counted. */
  readonly medianNorm: number
  /** Rows with a greater norm are attention sinks. */
  readonly sinkNorm: number
  /** Of tokens more frequent than the cap: the share of their rows that is kept. */
  readonly kept: Readonly<Record<string, number>>
}

export interface SplitRule {
  readonly seed: number
  /** Share of the documents whose rows validate. */
  readonly validationShare: number
  readonly calibration: Calibration
  /** Ids of the tokens that are for the model's use, and no text. */
  readonly special: ReadonlySet<number>
}

/** Streams of the seed's noise. */
const [DOCUMENTS, ROWS] = [1, 2]

/** The split of a document's rows. */
export function documentSplit(ordinal: number, rule: Pick<SplitRule, 'seed' | 'validationShare'>): Split {
  return noise(rule.seed, DOCUMENTS, ordinal) < rule.validationShare ? splits.validation : splits.train
}

/** Why a row is left out; null when it is not. `row` is its number in the harvest. */
export function leftOut(
  { token, norm, row }: { readonly token: number; readonly norm: number; readonly row: number },
  { seed, calibration, special }: SplitRule,
): LeftOutReason | null {
  if (special.has(token)) return 'special'
  if (norm > calibration.sinkNorm) return 'sink'
  const kept = calibration.kept[token]
  return kept !== undefined && noise(seed, ROWS, row) >= kept ? 'frequent' : null
}

/** Tokens above `cap` (a share of those in `contexts`, special ones not counted) are thinned down to it. */
export function keptShares(
  contexts: readonly Int32Array[],
  special: ReadonlySet<number>,
  cap: number,
): Calibration['kept'] {
  const counts = new Map<number, number>()
  let total = 0
  for (const ids of contexts) {
    for (const token of ids) {
      if (special.has(token)) continue
      counts.set(token, (counts.get(token) ?? 0) + 1)
      total++
    }
  }
  const kept: Record<string, number> = {}
  for (const [token, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count / total > cap) kept[token] = (cap * total) / count
  }
  return kept
}

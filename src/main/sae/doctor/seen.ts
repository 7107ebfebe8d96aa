// What a diagnosis is made from, and what several of them ask: how sparse codes should be, and whether it is too early to say.
// Letters: D width of the model.
import type { Finding } from '../../../shared/sae-findings.ts'
import type { TrainConfig } from '../../../shared/sae.ts'
import type { Landmarks, StepRecord } from '../../store/training-metrics.ts'

/** What is known of the run beside its metrics. */
export interface Course {
  readonly config: TrainConfig
  /** D */
  readonly width: number
  /** Of the whole training. */
  readonly steps: number
}

export interface Seen extends Landmarks, Course {
  readonly last: StepRecord
}

export type Diagnosis = Omit<Finding, 'since'>
export type Remedy = Pick<Diagnosis, 'knob' | 'advice'>

/** In these steps lengths, L0 and error still move by more than they ever will again. */
const STEEP_STEPS = 500
/** D directions write any row exactly: a code that uses more than half as many is a change of basis, not an explanation. */
export const SATURATED = 1 / 2

const ofTopK = ['topk', 'batchtopk', 'matryoshka', 'switch']

/**
 * Twice as long as the schedules take to rise, so that what they do has come to be, and past the first steep steps:
 * a quarter of a short run, 500 steps of a long one. At the end in any case.
 */
export function settled(step: number, { config, steps }: Course): boolean {
  const least = Math.max(2 * config.warmup, 2 * config.sparsityWarmup, Math.min(steps / 4, STEEP_STEPS))
  return step === steps || step >= least
}

/** Whether the variant keeps the greatest activations, and has no term that makes codes sparse. */
export function keepsGreatest({ variant }: TrainConfig): boolean {
  return ofTopK.includes(variant)
}

/** Active features of a row that were asked for; null where only a weight says how sparse. */
export function wantedL0({ variant, k, targetL0 }: TrainConfig): number | null {
  if (ofTopK.includes(variant)) return k
  return variant === 'jumprelu' ? (targetL0 ?? null) : null
}

/** The field that decides how sparse codes are. */
export function sparsityKnob({ variant, targetL0 }: TrainConfig): 'k' | 'l1' | 'l0Coefficient' | 'targetL0' {
  if (ofTopK.includes(variant)) return 'k'
  if (variant !== 'jumprelu') return 'l1'
  return targetL0 === undefined ? 'l0Coefficient' : 'targetL0'
}

export function meanOf(records: readonly StepRecord[], name: 'l0' | 'penalty' | 'loss'): number {
  return records.reduce((sum, record) => sum + record[name], 0) / records.length
}

/** Three digits. */
export const short = (value: number) => String(Number(value.toPrecision(3)))
/** "21 to 40". */
export const spanOf = (records: readonly StepRecord[]) => `${records[0]!.step} to ${records.at(-1)!.step}`

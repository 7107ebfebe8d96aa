// How far a job is: a tagged union whose invariants (never decreases, ends at 100 %) are checked in one place.
import { z } from 'zod'

/** What is being done, in one or two words: "Hashing". */
const step = z.string().min(1)

export const progressSchema = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('waiting') }),
  /** Finding out how much there is to do, before the first step; `found` counts what was found so far. */
  z.object({
    phase: z.literal('measuring'),
    step,
    unit: z.string(),
    found: z.number().nonnegative(),
  }),
  z.object({
    phase: z.literal('working'),
    step,
    /** Zero-based index of the step and how many there are; each step counts the same. */
    stepIndex: z.number().int().nonnegative(),
    stepCount: z.number().int().positive(),
    unit: z.string(),
    done: z.number().nonnegative(),
    total: z.number().nonnegative(),
    /** In `unit` per second over the last seconds; null until it is known. */
    perSecond: z.number().nonnegative().nullable(),
    /** Seconds to the end of this step at that rate; null until it is known. */
    secondsLeft: z.number().nonnegative().nullable(),
  }),
  z.object({ phase: z.literal('finished') }),
])

export type Progress = z.infer<typeof progressSchema>

/** The share of the whole job that is done, 0 … 1, or null while its size is unknown. */
export function fractionOf(progress: Progress): number | null {
  if (progress.phase === 'waiting') return 0
  if (progress.phase === 'finished') return 1
  if (progress.phase === 'measuring') return null
  const within = progress.total === 0 ? 1 : progress.done / progress.total
  return (progress.stepIndex + within) / progress.stepCount
}

/**
 * `next` if it may follow `previous`, else throws (a bug in the job): within an attempt the fraction never
 * decreases, `done` never exceeds `total`, and only a complete last step may finish.
 */
export function advance(previous: Progress, next: Progress): Progress {
  if (next.phase === 'waiting') {
    if (previous.phase !== 'waiting') throw new Error('Progress went back to waiting.')
    return next
  }
  if (previous.phase === 'finished' && next.phase !== 'finished')
    throw new Error('Progress continued after the end.')
  if (next.phase === 'finished') {
    if (previous.phase === 'working' && fractionOf(previous) !== 1)
      throw new Error('Progress finished before everything was done.')
    return next
  }
  if (next.phase === 'measuring') {
    if (previous.phase === 'working') throw new Error('Progress went back to measuring.')
    if (previous.phase === 'measuring' && next.found < previous.found)
      throw new Error('Progress found less than before.')
    return next
  }
  if (next.stepIndex >= next.stepCount)
    throw new Error(`Step ${next.stepIndex + 1} of only ${next.stepCount}.`)
  if (next.done > next.total)
    throw new Error(`Progress says ${next.done} of only ${next.total} ${next.unit}.`)
  const before = fractionOf(previous) ?? 0
  const after = fractionOf(next) ?? 0
  if (after < before - 1e-9) throw new Error(`Progress went back from ${before} to ${after}.`)
  return next
}

// The sweet spot of a sweep: the strength that does most before fluency collapses.
import type { SweepPoint } from './steering-effect.ts'

/** Below this share of different words a text says the same again and again. */
const DISTINCT = 0.5
/** Above this share of repeated runs of four words it is stuck. */
const REPEATED = 0.05
/** Above so many times the perplexity of the unsteered texts it is no text any more. */
const PERPLEXITY = 10

type Judged = Pick<SweepPoint, 'strength' | 'kl' | 'perplexity' | 'distinct' | 'repeated'>

/** Whether texts of this strength are still texts, beside those of the point nearest to 0. */
export function isStillFluent(point: Judged, unsteered: Judged): boolean {
  return (
    point.distinct >= Math.min(DISTINCT, unsteered.distinct) &&
    point.repeated <= Math.max(REPEATED, unsteered.repeated) &&
    point.perplexity <= PERPLEXITY * unsteered.perplexity
  )
}

/**
 * From 0 outwards, towards the greater strengths if there are any above 0, else towards the lesser: of the strengths
 * before the first that is not fluent, the one with the greatest KL. Null where even the first is not fluent.
 */
export function sweetSpotOf(points: readonly Judged[]): number | null {
  const size = ({ strength }: Judged) => Math.abs(strength)
  const [unsteered] = [...points].sort((a, b) => size(a) - size(b))
  if (!unsteered) return null
  const sign = points.some(({ strength }) => strength > 0) ? 1 : -1
  const outwards = points.filter(({ strength }) => sign * strength > 0).sort((a, b) => size(a) - size(b))
  const collapse = outwards.findIndex((point) => !isStillFluent(point, unsteered))
  const fluent = collapse < 0 ? outwards : outwards.slice(0, collapse)
  const [best] = [...fluent].sort((a, b) => b.kl - a.kl)
  return best?.strength ?? null
}

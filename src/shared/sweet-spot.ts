// The sweet spot of a sweep: the strength that does most before fluency collapses, and what collapses there.
import type { SweepPoint } from './steering-effect.ts'

/** Below this share of different words a text says the same again and again. */
const DISTINCT = 0.5
/** Above this share of repeated runs of four words it is stuck. */
const REPEATED = 0.05
/** Above so many times the perplexity of the unsteered texts it is no text any more. */
const PERPLEXITY = 10

type Measure = 'distinct' | 'repeated' | 'perplexity'
type Judged = Pick<SweepPoint, 'strength' | 'kl' | Measure>

/** What is wrong with the texts of a strength. */
export interface Collapse {
  readonly strength: number
  readonly measure: Measure
  readonly value: number
  /** What it may be at most; of `distinct` what it must be at least. No more is asked than unsteered texts have. */
  readonly limit: number
}

/** Undefined for texts that are still texts, beside those of the point nearest to 0. */
function collapseAt(point: Judged, unsteered: Judged): Collapse | undefined {
  const limits = {
    distinct: Math.min(DISTINCT, unsteered.distinct),
    repeated: Math.max(REPEATED, unsteered.repeated),
    perplexity: PERPLEXITY * unsteered.perplexity,
  }
  const measure = (['distinct', 'repeated', 'perplexity'] as const).find((one) =>
    one === 'distinct' ? point[one] < limits[one] : point[one] > limits[one],
  )
  return measure && { strength: point.strength, measure, value: point[measure], limit: limits[measure] }
}

/** From 0 outwards, towards the greater strengths if there are any above 0, else towards the lesser. */
function outwardsOf(points: readonly Judged[]) {
  const size = ({ strength }: Judged) => Math.abs(strength)
  const [unsteered] = [...points].sort((a, b) => size(a) - size(b))
  const sign = points.some(({ strength }) => strength > 0) ? 1 : -1
  const outwards = points.filter(({ strength }) => sign * strength > 0).sort((a, b) => size(a) - size(b))
  return outwards.map((point) => ({ point, collapse: collapseAt(point, unsteered!) }))
}

/** The first strength on the way outwards that is not fluent; undefined where all are. */
export function collapseOf(points: readonly Judged[]): Collapse | undefined {
  return outwardsOf(points).find(({ collapse }) => collapse)?.collapse
}

/** On the way outwards, of the strengths before the first that is not fluent, the one with the greatest KL. Null where even the first is not fluent. */
export function sweetSpotOf(points: readonly Judged[]): number | null {
  const outwards = outwardsOf(points)
  const end = outwards.findIndex(({ collapse }) => collapse)
  const fluent = end < 0 ? outwards : outwards.slice(0, end)
  const [best] = [...fluent].sort((a, b) => b.point.kl - a.point.kl)
  return best?.point.strength ?? null
}

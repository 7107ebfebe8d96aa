// The greatest of a whole batch: from a few candidates of each row, and from more of the rows that have more to give.
// Letters: B rows, F features, R rows that are looked at, c candidates of each, n rows that are looked at again.
import { within } from '../../onnx/conditional.ts'
import type { Value } from '../../onnx/graph.ts'
import { branch } from '../../onnx/ops/control.ts'
import { greater, max } from '../../onnx/ops/elementwise.ts'
import { reduceMax, reduceMin } from '../../onnx/ops/reduce.ts'
import { gather, scatterRows, topK } from '../../onnx/ops/select.ts'
import { concat, expand, range, reshape, unsqueeze } from '../../onnx/ops/shape.ts'
import { type Chosen, known } from './sparse.ts'

/** The greatest of some rows. */
interface Candidates {
  /** (R) int64: which rows of the batch they are. */
  readonly rows: Value
  /** (R, c) */
  readonly values: Value
  readonly features: Value
}

/**
 * Candidates of a row, times k, and how many times as many are taken of a row all of whose candidates were chosen. One
 * pass over each row and a second over what is left is faster than one over B·F numbers, on a GPU by far.
 */
const CANDIDATES = 4
/** Less than any pre-activation. */
const NONE = -1e30

/**
 * The k·B greatest of `pre` (B, F): exactly those that are above 0. Where some are not, what is chosen in their place
 * counts for nothing.
 */
export function topOfBatch(pre: Value, k: number): Chosen {
  const [B, F] = known(pre)
  const all = range(pre.graph, B)
  return greatest(pre, k, candidatesOf(pre, all, Math.min(F, CANDIDATES * k)), null)
}

/** Of the candidates, and of those of other rows; as long as a row might have more, with more of it. */
function greatest(pre: Value, k: number, candidates: Candidates, others: Chosen | null): Chosen {
  const [B, F] = known(pre)
  const [R, c] = known(candidates.values)
  const all = joined(others, listed(candidates))
  const { values: raw, indices } = topK(all.raw, B * k, -1, { sorted: false })
  const found = { raw, rows: gather(all.rows, indices), features: gather(all.features, indices) }
  // in no more rows than these can all candidates be among the k·B
  const n = Math.min(R, Math.floor((B * k) / c))
  if (c === F || n === 0) return found
  const fullest = topK(reduceMin(candidates.values, [1]), n, 0, { sorted: false })
  const more = greater(reduceMax(fullest.values), max(reduceMin(raw), 0))
  const [wider, rows, features] = branch(
    more,
    (graph) => {
      const inside = (value: Value) => within(graph, value)
      const again = inside(fullest.indices)
      const its = gather(inside(candidates.rows), again)
      // what they had is among what they have now
      const values = scatterRows(
        inside(candidates.values),
        unsqueeze(again, [1]),
        expand(graph.scalar('float32', NONE), [n, c]),
      )
      const rest = listed({ rows: inside(candidates.rows), values, features: inside(candidates.features) })
      const before = others && {
        ...{ raw: inside(others.raw), rows: inside(others.rows), features: inside(others.features) },
      }
      const chosen = greatest(
        pre,
        k,
        candidatesOf(gather(pre, its), its, Math.min(F, CANDIDATES * c)),
        joined(before, rest),
      )
      return [chosen.raw, chosen.rows, chosen.features]
    },
    (graph) => [found.raw, found.rows, found.features].map((value) => within(graph, value)),
  )
  return { raw: wider!, rows: rows!, features: features! }
}

/** The `c` greatest of each of the rows of `pre` (R, F), which are `rows` of the batch. */
function candidatesOf(pre: Value, rows: Value, c: number): Candidates {
  const { values, indices } = topK(pre, c, -1, { sorted: false })
  return { rows, values, features: indices }
}

function listed({ rows, values, features }: Candidates): Chosen {
  const [R, c] = known(values)
  return {
    raw: reshape(values, [R * c]),
    rows: reshape(expand(unsqueeze(rows, [1]), [R, c]), [R * c]),
    features: reshape(features, [R * c]),
  }
}

function joined(a: Chosen | null, b: Chosen): Chosen {
  if (!a) return b
  const both = (name: keyof Chosen) => concat([a[name], b[name]], 0)
  return { raw: both('raw'), rows: both('rows'), features: both('features') }
}

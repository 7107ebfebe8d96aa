// Sums over pairs of a row and a feature: their directions, weighted, go to their rows, or those of their rows to them.
// Letters: N pairs, D width of the model, I rows of a table, O rows of a sum, b rows of a block, p pairs of a block.
import { withGradient } from '../../onnx/gradient.ts'
import type { Value } from '../../onnx/graph.ts'
import { scan } from '../../onnx/ops/control.ts'
import { add, cast, div, equal, mul, sub } from '../../onnx/ops/elementwise.ts'
import { matmul } from '../../onnx/ops/matrix.ts'
import { cumulativeSum, reduceSum } from '../../onnx/ops/reduce.ts'
import { gather, scatterElements, scatterRows, topK } from '../../onnx/ops/select.ts'
import { concat, expand, range, reshape, slice, span, unsqueeze, zeros } from '../../onnx/ops/shape.ts'

/** Pairs of a group: fewer are more sums to add up, more are more places that stay empty. */
const GROUP = 8
/** As many, where few pairs go to one row. */
const SMALL_GROUP = 4
/** Numbers of a table that are read before they are multiplied: they then still are in the cores' caches. */
const PART = 2 ** 19
/** Rows of a sum whose groups are added up together. */
const BLOCK = 16

/** Pairs in the order of the rows they belong to, laid out in groups of one row each; a group's empty places weigh nothing. */
interface Groups {
  /** (N) int64: the place of each pair among the S·G. */
  readonly slots: Value
  /** (S) int64: the row of each group. */
  readonly keys: Value
  /** (blocks, 1) int64 each: where the groups of each block of rows begin and end. */
  readonly begins: Value
  readonly ends: Value
  readonly S: number
  readonly G: number
  /** Groups that are worked on together; S is a multiple. */
  readonly part: number
}

/** One end of all pairs: a row of some matrix for each. */
export class End {
  /** (N) int64, below `size`. */
  readonly at: Value
  readonly size: number
  /**
   * Sums are products of small matrices, each for a few rows and all their pairs, instead of one addition a pair: for the
   * CPU, whose caches hold what they read, and where onnxruntime's additions by index are lost when two threads meet.
   */
  readonly inParts: boolean
  #groups: Groups | undefined

  constructor(at: Value, size: number, inParts: boolean) {
    this.at = at
    this.size = size
    this.inParts = inParts
  }

  /** Made when they are asked for first, for tables of width D. */
  groups(D: number): Groups {
    return (this.#groups ??= grouped(this.at, this.size, D))
  }
}

/** (O) for the ends `to`: the values (N) added up. */
export function totalAt(to: End, values: Value): Value {
  const none = zeros(values.graph, 'float32', [to.size])
  return to.inParts
    ? scatterElements(none, to.at, values, 0, { add: true })
    : scatterRows(none, unsqueeze(to.at, [1]), values, { add: true })
}

/** (O, D) for the ends `to`: each pair's row of `table` (I, D) times its value (N), added up. */
export function sumAt(to: End, values: Value, table: Value, from: End): Value {
  const { graph } = table
  const O = to.size
  const D = table.shape[1] as number
  if (!to.inParts) {
    const weighted = mul(unsqueeze(values, [1]), gather(table, from.at))
    return scatterRows(zeros(graph, 'float32', [O, D]), unsqueeze(to.at, [1]), weighted, { add: true })
  }
  const groups = to.groups(D)
  const { keys, begins, ends, S, G, part } = groups
  const [ofGroups] = scan({
    over: [reshape(laidOut(values, groups), [S / part, part, 1, G]), laidOut(from.at, groups)],
    reads: [table],
    body: ([weights, rows]) => [matmul(weights!, gather(table, rows!))],
  })
  const sums = reshape(ofGroups!, [S, D])
  const blocks = Math.ceil(O / BLOCK)
  const [ofRows] = scan({
    over: [reshape(range(graph, blocks * BLOCK), [blocks, BLOCK]), begins, ends],
    reads: [keys, sums],
    body: ([own, begin, end]) => {
      const mine = equal(unsqueeze(own!, [1]), unsqueeze(span(keys, begin!, end!, 'g'), [0]))
      return [matmul(cast(mine, 'float32'), span(sums, begin!, end!, 'g'))]
    },
  })
  const all = reshape(ofRows!, [blocks * BLOCK, D])
  return O % BLOCK === 0 ? all : slice(all, 0, 0, O)
}

/** (N): each pair's row of `table` (I, D) times its row of `other` (O, D), by the ends `to`. */
function productsAt(to: End, other: Value, table: Value, from: End): Value {
  if (!to.inParts) return reduceSum(mul(gather(other, to.at), gather(table, from.at)), [1])
  const groups = to.groups(table.shape[1] as number)
  const { slots, keys, S, G, part } = groups
  const [products] = scan({
    over: [reshape(keys, [S / part, part]), laidOut(from.at, groups)],
    reads: [other, table],
    body: ([key, rows]) => [matmul(gather(table, rows!), unsqueeze(gather(other, key!), [2]))],
  })
  return gather(reshape(products!, [S * G]), slots)
}

/** As `sumAt`, with gradients for values and table that touch the pairs alone. */
export function weightedSum(values: Value, table: Value, from: End, to: End): Value {
  return withGradient(sumAt(to, values, table, from), [values, table], (dy) => [
    productsAt(to, dy, table, from),
    sumAt(from, values, dy, to),
  ])
}

/** (S / part, part, G) of one number a pair; 0 in empty places. */
function laidOut(values: Value, { slots, S, G, part }: Groups): Value {
  const places = scatterElements(zeros(values.graph, values.dtype, [S * G]), slots, values, 0)
  return reshape(places, [S / part, part, G])
}

function grouped(at: Value, O: number, D: number): Groups {
  const { graph } = at
  const N = at.shape[0] as number
  const G = N >= 2 * GROUP * O ? GROUP : SMALL_GROUP
  // every row may have one group that is not full
  const most = Math.min(N, Math.floor((N + O * (G - 1)) / G))
  const parts = Math.ceil((most * G * D) / PART)
  const part = Math.ceil(most / parts)
  const S = part * parts
  // numbered, so that equals keep their order, and sums theirs
  const { values } = topK(add(mul(at, N), range(graph, N)), N, 0, { smallest: true })
  const rows = div(values, N)
  const order = sub(values, mul(rows, N))
  const ones = expand(graph.scalar('int64', 1), [N])
  const pairsOf = scatterElements(zeros(graph, 'int64', [O]), at, ones, 0, { add: true })
  const groupsOf = div(add(pairsOf, G - 1), G)
  const [pairs, groups] = [cumulativeSum(pairsOf, 0), cumulativeSum(groupsOf, 0)]
  // how much further than among the sorted pairs those of a row begin
  const shift = sub(mul(sub(groups, groupsOf), G), sub(pairs, pairsOf))
  const slots = add(range(graph, N), gather(shift, rows))
  const blocks = Math.ceil(O / BLOCK)
  const lasts = Array.from({ length: blocks }, (_, block) => Math.min(O, (block + 1) * BLOCK) - 1)
  const ends = unsqueeze(gather(groups, graph.integers(lasts)), [1])
  const none = zeros(graph, 'int64', [1, 1])
  return {
    slots: scatterElements(zeros(graph, 'int64', [N]), order, slots, 0),
    keys: scatterElements(zeros(graph, 'int64', [S]), div(slots, G), rows, 0),
    begins: blocks === 1 ? none : concat([none, slice(ends, 0, 0, blocks - 1)], 0),
    ...{ ends, S, G, part },
  }
}

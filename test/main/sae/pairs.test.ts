// Sums over pairs: every pair is in them, with its gradient, every time.
import { describe, expect, it } from 'vitest'
import { gradient } from '../../../src/main/onnx/gradient.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import { mul } from '../../../src/main/onnx/ops/elementwise.ts'
import { reduceSum } from '../../../src/main/onnx/ops/reduce.ts'
import { End, totalAt, weightedSum } from '../../../src/main/sae/variants/pairs.ts'
import { expectClose } from '../../helpers/llama.ts'
import { openGraph, someNumbers } from '../../helpers/run-graph.ts'

/** Sums of the pairs with the gradients of Σ sum·dy, in parts. */
function summed(N: number, [O, I, D]: readonly [number, number, number]): Graph {
  const graph = new Graph('pairs')
  const values = graph.input('values', 'float32', [N])
  const table = graph.input('table', 'float32', [I, D])
  const dy = graph.input('dy', 'float32', [O, D])
  const to = new End(graph.input('to', 'int64', [N]), O, true)
  const from = new End(graph.input('from', 'int64', [N]), I, true)
  const sum = weightedSum(values, table, from, to)
  const [dValues, dTable] = gradient(reduceSum(mul(sum, dy)), [values, table])
  for (const [name, value] of Object.entries({ sum, dValues, dTable, total: totalAt(to, values) })) {
    graph.output(name, value!)
  }
  return graph
}

describe('sums over pairs', () => {
  // more than one part holds, few pairs a row and many, rows that do not fill their last block
  it.each([
    [20_000, [300, 45, 64]],
    [3000, [2501, 16, 8]],
    [9, [17, 3, 4]],
  ] as const)('of %i pairs are those added up one after the other', async (N, [O, I, D]) => {
    const chosen = (size: number, seed: number) =>
      // some rows have no pair, and one has many
      someNumbers([N], seed, 0).data.map((value) => Math.floor(Math.max(0, value) ** 2 * size))
    const values = someNumbers([N], 1)
    const [table, dy] = [someNumbers([I, D], 2), someNumbers([O, D], 3)]
    const [to, from] = [chosen(O, 4), chosen(I, 5)]
    const wanted = {
      sum: new Float64Array(O * D),
      dTable: new Float64Array(I * D),
      dValues: new Float64Array(N),
      total: new Float64Array(O),
    }
    for (let pair = 0; pair < N; pair++) {
      const [row, source, value] = [to[pair]!, from[pair]!, values.data[pair]!]
      wanted.total[row]! += value
      for (let d = 0; d < D; d++) {
        const [there, here] = [source * D + d, row * D + d]
        wanted.sum[here]! += value * table.data[there]!
        wanted.dTable[there]! += value * dy.data[here]!
        wanted.dValues[pair]! += table.data[there]! * dy.data[here]!
      }
    }
    await using graph = await openGraph(summed(N, [O, I, D]))
    const feeds = { values, table, dy, to: { shape: [N], data: to }, from: { shape: [N], data: from } }
    const found = await graph.run(feeds)
    for (const [name, numbers] of Object.entries(wanted)) {
      expectClose(Float32Array.from(found[name]!.data), Float32Array.from(numbers))
    }
    // onnxruntime's own additions by index lose some where threads meet, other ones each time
    for (let again = 0; again < 5; again++) expect(await graph.run(feeds)).toEqual(found)
  })
})

// The greatest of a whole batch are those of a naive choice, however many one row has of them.
import { describe, expect, it } from 'vitest'
import { Graph } from '../../../src/main/onnx/graph.ts'
import { topOfBatch } from '../../../src/main/sae/variants/top-of-batch.ts'
import { openGraph, someNumbers } from '../../helpers/run-graph.ts'

const [B, F, k] = [64, 300, 2]

function chosen(): Graph {
  const graph = new Graph('top-of-batch')
  const { raw, rows, features } = topOfBatch(graph.input('pre', 'float32', [B, F]), k)
  for (const [name, value] of Object.entries({ raw, rows, features })) graph.output(name, value)
  return graph
}

/** Row and feature of the k·B greatest that are above 0. */
function naive(pre: readonly number[]): string[] {
  return Array.from(pre.keys())
    .sort((a, b) => pre[b]! - pre[a]!)
    .slice(0, B * k)
    .filter((at) => pre[at]! > 0)
    .map((at) => `${Math.floor(at / F)} ${at % F}`)
    .sort()
}

describe('the greatest of a batch', () => {
  // in its order: a row has four times k candidates, 16, 64, and all 300
  it.each<[string, (row: number) => number]>([
    ['spread over the rows', () => 0],
    ['many in a few rows', (row) => (row % 16 === 0 ? 0.5 : 0)],
    ['more in fewer', (row) => (row % 30 === 0 ? 1 : 0)],
    ['all in one row', (row) => (row === 40 ? 100 : 0)],
    ['in one row, and nothing above 0 elsewhere', (row) => (row === 3 ? 0 : -2)],
    ['nothing above 0', () => -2],
  ])('%s', async (_name, shift) => {
    const { shape, data } = someNumbers([B, F], 9)
    const pre = Array.from(data, (value, at) => Math.fround(value + shift(Math.floor(at / F))))
    await using graph = await openGraph(chosen())
    const { raw, rows, features } = await graph.run({ pre: { shape, data: pre } })
    const found = raw!.data.flatMap((value, at) =>
      value > 0 ? [`${rows!.data[at]} ${features!.data[at]}`] : [],
    )
    expect(found.sort()).toEqual(naive(pre))
    for (const [at, value] of raw!.data.entries()) {
      if (value > 0) expect(value).toBe(pre[rows!.data[at]! * F + features!.data[at]!])
    }
  })
})

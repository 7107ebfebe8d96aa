// Every differentiable operation against finite differences in float64, and the rules of differentiation themselves.
import { describe, expect, test } from 'vitest'
import { gradient, stopGradient, withGradient } from '../../../src/main/onnx/gradient.ts'
import { Graph, type Value } from '../../../src/main/onnx/graph.ts'
import * as o from '../../../src/main/onnx/ops/index.ts'
import { type Numbers, openGraph, runGraph, someNumbers } from '../../helpers/run-graph.ts'

type Build = (...inputs: Value[]) => Value

interface Case {
  readonly build: Build
  readonly shapes: readonly (readonly number[])[]
  /** Moves the inputs to where the function is defined. */
  readonly of?: (x: number) => number
}

const indices = (graph: Graph, numbers: number[], shape: number[]) =>
  graph.constant('indices', 'int64', shape, BigInt64Array.from(numbers, BigInt))

const positive = (x: number) => Math.abs(x) + 0.5
const cases: Record<string, Case> = {
  'add, broadcast': { build: (a, b) => o.add(a, b), shapes: [[2, 3], [3]] },
  'sub, broadcast': {
    build: (a, b) => o.sub(a, b),
    shapes: [
      [2, 1],
      [2, 3],
    ],
  },
  'mul, broadcast to more axes': { build: (a, b) => o.mul(a, b), shapes: [[3], [2, 2, 3]] },
  'div by a tensor': {
    build: (a, b) => o.div(a, b),
    shapes: [
      [2, 3],
      [1, 3],
    ],
    of: positive,
  },
  'a number divided by a tensor': { build: (a) => o.div(2, a), shapes: [[3]], of: positive },
  max: { build: (a, b) => o.max(a, b), shapes: [[4, 3], [3]] },
  min: { build: (a, b) => o.min(a, b), shapes: [[4, 3], [3]] },
  neg: { build: (a) => o.neg(a), shapes: [[3]] },
  abs: { build: (a) => o.abs(a), shapes: [[5]] },
  sqrt: { build: (a) => o.sqrt(a), shapes: [[3]], of: positive },
  exp: { build: (a) => o.exp(a), shapes: [[3]] },
  log: { build: (a) => o.log(a), shapes: [[3]], of: positive },
  square: { build: (a) => o.square(a), shapes: [[3]] },
  power: { build: (a) => o.power(a, 3), shapes: [[3]] },
  'power of a half': { build: (a) => o.power(a, -0.5), shapes: [[3]], of: positive },
  relu: { build: (a) => o.relu(a), shapes: [[7]] },
  sigmoid: { build: (a) => o.sigmoid(a), shapes: [[3]] },
  tanh: { build: (a) => o.tanh(a), shapes: [[3]] },
  silu: { build: (a) => o.silu(a), shapes: [[3]] },
  rmsNorm: { build: (x, w) => o.rmsNorm(x, w, 1e-5), shapes: [[2, 4], [4]] },
  softplus: { build: (a) => o.softplus(a), shapes: [[3]] },
  sin: { build: (a) => o.sin(a), shapes: [[3]] },
  cos: { build: (a) => o.cos(a), shapes: [[3]] },
  where: { build: (a, b) => o.where(o.greater(a, 0), o.mul(a, b), b), shapes: [[2, 3], [3]] },
  identity: { build: (a) => o.identity(a), shapes: [[3]] },
  'cast and back': { build: (a) => o.cast(o.cast(a, 'float64'), 'float64'), shapes: [[3]] },
  matmul: {
    build: (a, b) => o.matmul(a, b),
    shapes: [
      [2, 3],
      [3, 4],
    ],
  },
  'matmul of a batch with a matrix': {
    build: (a, b) => o.matmul(a, b),
    shapes: [
      [2, 3, 4],
      [4, 2],
    ],
  },
  'matmul of batches': {
    build: (a, b) => o.matmul(a, b),
    shapes: [
      [2, 1, 3, 4],
      [2, 4, 3],
    ],
  },
  gemm: { build: (a, b, c) => o.gemm(a, b, { scale: 0.5, plus: c }), shapes: [[2, 3], [3, 4], [4]] },
  'gemm, A transposed': {
    build: (a, b) => o.gemm(a, b, { transposeA: true }),
    shapes: [
      [3, 2],
      [3, 4],
    ],
  },
  'gemm, B transposed': {
    build: (a, b) => o.gemm(a, b, { transposeB: true }),
    shapes: [
      [2, 3],
      [4, 3],
    ],
  },
  'gemm, both transposed': {
    build: (a, b) => o.gemm(a, b, { transposeA: true, transposeB: true, scale: 2 }),
    shapes: [
      [3, 2],
      [4, 3],
    ],
  },
  linear: { build: (x, w, bias) => o.linear(x, w, { bias }), shapes: [[2, 2, 3], [3, 4], [4]] },
  'linear, transposed': {
    build: (x, w) => o.linear(x, w, { transposed: true }),
    shapes: [
      [2, 3],
      [4, 3],
    ],
  },
  'reduceSum of all': { build: (a) => o.reduceSum(a), shapes: [[2, 3]] },
  'reduceSum of an axis': { build: (a) => o.reduceSum(a, [0]), shapes: [[2, 3]] },
  'reduceMean, kept': { build: (a) => o.reduceMean(a, [-1], { keep: true }), shapes: [[2, 3]] },
  cumulativeSum: { build: (a) => o.cumulativeSum(a, 1), shapes: [[2, 3]] },
  softmax: { build: (a) => o.softmax(a, -1), shapes: [[2, 3]] },
  'softmax of the first axis': { build: (a) => o.softmax(a, 0), shapes: [[2, 3]] },
  logSoftmax: { build: (a) => o.logSoftmax(a, -1), shapes: [[2, 3]] },
  reshape: { build: (a) => o.reshape(a, [3, 2]), shapes: [[2, 3]] },
  transpose: { build: (a) => o.transpose(a, [2, 0, 1]), shapes: [[2, 3, 4]] },
  'unsqueeze and squeeze': { build: (a) => o.squeeze(o.unsqueeze(a, [0, 2]), [0]), shapes: [[2, 3]] },
  expand: { build: (a) => o.expand(a, [2, 4, 3]), shapes: [[4, 1]] },
  concat: {
    build: (a, b) => o.concat([a, b, a], 1),
    shapes: [
      [2, 3],
      [2, 1],
    ],
  },
  split: { build: (a) => o.split(a, [1, 2], 1)[1]!, shapes: [[2, 3]] },
  slice: { build: (a) => o.slice(a, 1, 1, 3), shapes: [[2, 4]] },
  gather: { build: (a) => o.gather(a, indices(a.graph, [2, 0, 2], [3])), shapes: [[3, 2]] },
  gatherElements: {
    build: (a) => o.gatherElements(a, indices(a.graph, [0, 0, 2, 1], [2, 2]), 1),
    shapes: [[2, 3]],
  },
  gatherRows: { build: (a) => o.gatherRows(a, indices(a.graph, [1, 2, 0, 0], [2, 2])), shapes: [[2, 3]] },
  'scatterElements, added': {
    build: (a, b) => o.scatterElements(a, indices(a.graph, [0, 0, 2, 1], [2, 2]), b, 1, { add: true }),
    shapes: [
      [2, 3],
      [2, 2],
    ],
  },
  'scatterElements, replaced': {
    build: (a, b) => o.scatterElements(a, indices(a.graph, [0, 1, 2, 1], [2, 2]), b, 1),
    shapes: [
      [2, 3],
      [2, 2],
    ],
  },
  'scatterRows, added': {
    build: (a, b) => o.scatterRows(a, indices(a.graph, [1, 1], [2, 1]), b, { add: true }),
    shapes: [
      [3, 2],
      [2, 2],
    ],
  },
  'scatterRows, replaced': {
    build: (a, b) => o.scatterRows(a, indices(a.graph, [1, 2], [2, 1]), b),
    shapes: [
      [3, 2],
      [2, 2],
    ],
  },
  'topK values': { build: (a) => o.topK(a, 2).values, shapes: [[3, 5]] },
}

describe('the gradient equals finite differences in float64', () => {
  for (const [name, { build, shapes, of = (x: number) => x }] of Object.entries(cases)) {
    test(name, async () => {
      const graph = new Graph('case')
      const inputs = shapes.map((shape, index) => graph.input(`x${index}`, 'float64', shape))
      const y = build(...inputs)
      // a loss in which every element of the result counts differently, and not linearly
      const weights = someNumbers(y.shape as number[], 7)
      const w = graph.constant('w', 'float64', y.shape as number[], Float64Array.from(weights.data))
      const loss = o.reduceSum(o.mul(o.add(y, o.mul(o.square(y), 0.3)), w))
      graph.output('loss', loss)
      for (const [index, dx] of gradient(loss, inputs).entries()) graph.output(`dx${index}`, dx)
      const values = shapes.map((shape, index) => {
        const numbers = someNumbers(shape, index + 2)
        return { shape, data: numbers.data.map(of) }
      })
      await expectDerivatives(graph, values)
    })
  }

  test('no operation is missing here but those that have no gradient', () => {
    const covered = new Set(Object.keys(cases).flatMap((name) => name.split(/[ ,]+/)))
    const without = ['reduceMax', 'argMax', 'sign', 'floor', 'mod', 'not', 'and', 'or', 'range', 'zeros']
    const comparisons = ['equal', 'greater', 'greaterOrEqual', 'less', 'sizeOf', 'shapeTensor']
    // sumTo and rows are reduceSum and reshape; loops are not differentiated
    const others = ['sumTo', 'rows', 'loop', 'scan', 'branch']
    const missing = Object.keys(o).filter(
      (name) => !covered.has(name) && ![...without, ...comparisons, ...others].includes(name),
    )
    expect(missing).toEqual([])
  })
})

/** Compares the graph's dx outputs with the central differences of its loss. */
async function expectDerivatives(graph: Graph, values: readonly Numbers[]): Promise<void> {
  const feed = (at: readonly Numbers[]) => Object.fromEntries(at.map((value, index) => [`x${index}`, value]))
  await using opened = await openGraph(graph)
  const exact = await opened.run(feed(values))
  const step = 1e-5
  for (const [index, value] of values.entries()) {
    const found = exact[`dx${index}`]?.data ?? []
    expect(found).toHaveLength(value.data.length)
    for (const element of value.data.keys()) {
      const moved = async (by: number) => {
        const data = value.data.with(element, value.data[element]! + by)
        const result = await opened.run(feed(values.with(index, { ...value, data })))
        return result.loss!.data[0]!
      }
      const expected = ((await moved(step)) - (await moved(-step))) / (2 * step)
      expect(Math.abs(found[element]! - expected), `x${index}[${element}]`).toBeLessThan(
        1e-7 * Math.max(1, Math.abs(expected)),
      )
    }
  }
}

describe('rules', () => {
  const x = () => new Graph('g').input('x', 'float64', [3])

  test('a value used twice collects both gradients', async () => {
    const input = x()
    const loss = o.reduceSum(o.mul(input, o.exp(input)))
    input.graph.output('loss', loss)
    const [dx] = gradient(loss, [input])
    input.graph.output('dx0', dx!)
    const data = [0, 1, -1]
    const { dx0 } = await runGraph(input.graph, { x: { shape: [3], data } })
    for (const [index, at] of data.entries())
      expect(dx0!.data[index]).toBeCloseTo(Math.exp(at) * (1 + at), 12)
  })

  test('an operation that is not differentiable is named, with the way', () => {
    const input = x()
    const loss = o.reduceSum(o.mul(o.floor(o.mul(input, 2)), input))
    expect(() => gradient(loss, [input])).toThrow(/Floor is not differentiable.*depends on x through floor/)
  })

  test('stopGradient lets nothing through', async () => {
    const input = x()
    const loss = o.reduceSum(o.mul(stopGradient(o.floor(input)), input))
    const [dx] = gradient(loss, [input])
    input.graph.output('dx', dx!)
    const result = await runGraph(input.graph, { x: { shape: [3], data: [1.5, 2.5, -0.5] } })
    expect(result.dx?.data).toEqual([1, 2, -1])
  })

  test('withGradient replaces the rule: a straight-through estimator', async () => {
    const input = x()
    const rounded = withGradient(o.floor(input), [input], (dy) => [dy])
    const loss = o.reduceSum(o.square(rounded))
    const [dx] = gradient(loss, [input])
    input.graph.output('dx', dx!)
    const result = await runGraph(input.graph, { x: { shape: [3], data: [1.5, 2.5, -0.5] } })
    expect(result.dx?.data).toEqual([2, 4, -2])
  })

  test('a loss that does not depend on a value is refused', () => {
    const input = x()
    const other = input.graph.input('other', 'float64', [])
    expect(() => gradient(o.reduceSum(input), [other])).toThrow(/does not depend on other/)
  })

  test('a loss that is no single number is refused', () => {
    const input = x()
    expect(() => gradient(o.exp(input), [input])).toThrow(/must be a single number/)
  })

  test('a rule that gives the wrong shape is caught where it happens', () => {
    const input = x()
    const wrong = withGradient(o.exp(input), [input], (dy) => [o.reduceSum(dy)])
    expect(() => gradient(o.reduceSum(wrong), [input])).toThrow(/The gradient rule of Identity gave/)
  })
})

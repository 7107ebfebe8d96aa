// Every differentiable operation, on tensors small enough to differentiate by hand.
import { gradient } from '../../src/main/onnx/gradient.ts'
import { Graph, type Value } from '../../src/main/onnx/graph.ts'
import * as o from '../../src/main/onnx/ops/index.ts'
import { someNumbers } from './run-graph.ts'

type Build = (...inputs: Value[]) => Value

export interface OperationCase {
  readonly build: Build
  readonly shapes: readonly (readonly number[])[]
  /** Moves the inputs to where the function is defined. */
  readonly of?: (x: number) => number
}

const indices = (graph: Graph, numbers: number[], shape: number[]) =>
  graph.constant('indices', 'int64', shape, BigInt64Array.from(numbers, BigInt))

const positive = (x: number) => Math.abs(x) + 0.5
export const operationCases: Readonly<Record<string, OperationCase>> = {
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
  silu: { build: (a) => o.silu(a), shapes: [[3]] },
  rmsNorm: { build: (x, w) => o.rmsNorm(x, w, 1e-5), shapes: [[2, 4], [4]] },
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

/** Inputs x0, x1 …, a loss in which every element of the result counts differently and not linearly, and its gradients dx0, dx1 …. */
export function lossGraph({ build, shapes }: OperationCase): Graph {
  const graph = new Graph('case')
  const inputs = shapes.map((shape, index) => graph.input(`x${index}`, 'float64', shape))
  const y = build(...inputs)
  const shape = y.shape as number[]
  const w = graph.constant('w', 'float64', shape, Float64Array.from(someNumbers(shape, 7).data))
  const loss = o.reduceSum(o.mul(o.add(y, o.mul(o.square(y), 0.3)), w))
  graph.output('loss', loss)
  for (const [index, dx] of gradient(loss, inputs).entries()) graph.output(`dx${index}`, dx)
  return graph
}

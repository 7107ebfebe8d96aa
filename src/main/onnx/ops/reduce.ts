// Operations that take axes away: sums, means, maxima, and those that normalise along an axis.
import { axisOf, type Dim, product, sameShape, type Shape } from '../dims.ts'
import { emitOne, misfit, type Value } from '../graph.ts'
import { div, exp, mul, sub } from './elementwise.ts'
import { expand, reshape, sizeOf, unsqueeze } from './shape.ts'

function reduce(
  op: string,
  x: Value,
  over: readonly number[] | undefined,
  keep: boolean,
  rule?: (dy: Value, axes: readonly number[]) => Value,
): Value {
  const axes = (over ?? x.shape.map((_, axis) => axis))
    .map((axis) => axisOf(axis, x.rank))
    .sort((a, b) => a - b)
  const shape = x.shape.flatMap((size, axis): Dim[] => (axes.includes(axis) ? (keep ? [1] : []) : [size]))
  return emitOne({
    op,
    inputs: [x, x.graph.integers(axes)],
    dtype: x.dtype,
    shape,
    attributes: { keepdims: keep ? 1 : 0 },
    gradientOf: [x],
    gradient: rule && (([dy]) => [dy && rule(keep ? dy : unsqueeze(dy, axes), axes)]),
  })
}

interface ReduceOptions {
  /** The axes stay, with size 1. */
  readonly keep?: boolean
}

/** The sum over some axes (all, unless named). */
export function reduceSum(x: Value, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Value {
  return reduce('ReduceSum', x, axes, keep, (dy) => expand(dy, x.shape))
}

/** The Euclidean norm over some axes (all, unless named); for inference, without a gradient. */
export function reduceNorm(x: Value, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Value {
  return reduce('ReduceL2', x, axes, keep)
}

/** The mean over some axes (all, unless named). */
export function reduceMean(x: Value, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Value {
  return reduce('ReduceMean', x, axes, keep, (dy, over) => {
    const count = product(...over.map((axis) => x.shape[axis] ?? 1))
    return expand(div(dy, typeof count === 'number' ? count : sizeOf(x.graph, count, x.dtype)), x.shape)
  })
}

/** The greatest over some axes (all, unless named). Not differentiable: use `topK` where the gradient matters. */
export function reduceMax(x: Value, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Value {
  return reduce('ReduceMax', x, axes, keep)
}

/** The least over some axes (all, unless named). Not differentiable: use `topK` of the negative where the gradient matters. */
export function reduceMin(x: Value, axes?: readonly number[], { keep = false }: ReduceOptions = {}): Value {
  return reduce('ReduceMin', x, axes, keep)
}

/** Where the greatest along an axis lies, as int64; the first of equals. */
export function argMax(x: Value, axis: number): Value {
  const at = axisOf(axis, x.rank)
  return emitOne({
    op: 'ArgMax',
    inputs: [x],
    dtype: 'int64',
    shape: x.shape.filter((_, index) => index !== at),
    attributes: { axis: at, keepdims: 0 },
  })
}

/** The running sum along an axis. */
export function cumulativeSum(x: Value, axis: number, options: { reverse?: boolean } = {}): Value {
  const at = axisOf(axis, x.rank)
  const reverse = options.reverse ?? false
  return emitOne({
    op: 'CumSum',
    inputs: [x, x.graph.scalar('int64', at)],
    dtype: x.dtype,
    shape: x.shape,
    attributes: { reverse: reverse ? 1 : 0 },
    gradientOf: [x],
    gradient: ([dy]) => [dy && cumulativeSum(dy, at, { reverse: !reverse })],
  })
}

/** exp(x) divided by its sum along an axis. */
export function softmax(x: Value, axis: number): Value {
  const at = axisOf(axis, x.rank)
  const y: Value = emitOne({
    op: 'Softmax',
    inputs: [x],
    dtype: x.dtype,
    shape: x.shape,
    attributes: { axis: at },
    gradient: ([dy]) => [dy && mul(y, sub(dy, reduceSum(mul(dy, y), [at], { keep: true })))],
  })
  return y
}

/** log(softmax(x)), computed without overflow. */
export function logSoftmax(x: Value, axis: number): Value {
  const at = axisOf(axis, x.rank)
  const y: Value = emitOne({
    op: 'LogSoftmax',
    inputs: [x],
    dtype: x.dtype,
    shape: x.shape,
    attributes: { axis: at },
    gradient: ([dy]) => [dy && sub(dy, mul(exp(y), reduceSum(dy, [at], { keep: true })))],
  })
  return y
}

/** Undoes a broadcast: sums `x` over the axes along which `shape` was repeated. */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  const extra = x.rank - shape.length
  if (extra < 0) throw misfit('sumTo', [x], `cannot be summed to [${shape.join(', ')}].`)
  const axes = x.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  )
  const summed = axes.length > 0 ? reduceSum(x, axes, { keep: true }) : x
  return reshape(summed, shape)
}

// Operations that move elements without changing them.
import {
  axisOf,
  broadcast,
  difference,
  type Dim,
  product,
  sameShape,
  type Shape,
  sum,
  termsOf,
} from '../dims.ts'
import type { Dtype } from '../dtype.ts'
import { emit, emitOne, type Graph, misfit, type Value } from '../graph.ts'
import { add, cast, mul } from './elementwise.ts'
import { sumTo } from './reduce.ts'

/** A dimension as a number of that type: written down when it is known, read from an input's shape when it is letters. */
export function sizeOf(graph: Graph, of: Dim, dtype: Dtype = 'int64'): Value {
  if (typeof of === 'number') return graph.scalar(dtype, of)
  const parts = termsOf(of).map(({ coefficient, letters }) => {
    const sizes = letters.map((letter) => letterSize(graph, letter))
    const factors =
      coefficient === 1 && sizes.length > 0 ? sizes : [graph.scalar('int64', coefficient), ...sizes]
    return factors.reduce((a, b) => mul(a, b))
  })
  return cast(
    parts.reduce((a, b) => add(a, b)),
    dtype,
  )
}

function letterSize(graph: Graph, letter: string): Value {
  const { value, axis } = graph.letter(letter)
  const size = emitOne({
    op: 'Shape',
    inputs: [value],
    dtype: 'int64',
    shape: [1],
    attributes: { start: axis, end: axis + 1 },
  })
  return emitOne({ op: 'Squeeze', inputs: [size], dtype: 'int64', shape: [] })
}

/** A shape as the int64 tensor that operations take. */
export function shapeTensor(graph: Graph, shape: Shape): Value {
  const known = shape.every((size) => typeof size === 'number')
  if (known) return graph.integers(shape)
  const parts: Value[] = []
  let numbers: number[] = []
  for (const size of shape) {
    if (typeof size === 'number') numbers.push(size)
    else {
      if (numbers.length > 0) parts.push(graph.integers(numbers))
      numbers = []
      parts.push(unsqueeze(sizeOf(graph, size), [0]))
    }
  }
  if (numbers.length > 0) parts.push(graph.integers(numbers))
  return parts.length === 1 ? parts[0]! : concat(parts, 0)
}

/** The same elements in the same order under another shape. */
export function reshape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  if (product(...x.shape) !== product(...shape)) {
    throw misfit('reshape', [x], `has not as many elements as [${shape.join(', ')}].`)
  }
  const open = shape.flatMap((size, axis) =>
    typeof size !== 'number' && size !== x.shape[axis] ? [axis] : [],
  )
  // ONNX's own shorthand (0: as it was, -1: whatever is left) spares reading sizes from an input
  const target =
    open.length <= 1
      ? x.graph.integers(
          shape.map((size, axis) => (typeof size === 'number' ? size : open.includes(axis) ? -1 : 0)),
        )
      : shapeTensor(x.graph, shape)
  return emitOne({
    op: 'Reshape',
    inputs: [x, target],
    dtype: x.dtype,
    shape,
    gradientOf: [x],
    gradient: ([dy]) => [dy && reshape(dy, x.shape)],
  })
}

/** All axes but the last as one: (…, D) becomes (rows, D). */
export function rows(x: Value): Value {
  return reshape(x, [product(...x.shape.slice(0, -1)), x.shape.at(-1) ?? 1])
}

/** Axis i of the result is axis order[i] of x; all axes reversed unless named. */
export function transpose(
  x: Value,
  order: readonly number[] = x.shape.map((_, axis) => x.rank - 1 - axis),
): Value {
  if (order.toSorted((a, b) => a - b).some((axis, index) => axis !== index) || order.length !== x.rank) {
    throw misfit('transpose', [x], `[${order.join(', ')}] is no order of its axes.`)
  }
  return emitOne({
    op: 'Transpose',
    inputs: [x],
    dtype: x.dtype,
    shape: order.map((axis) => x.shape[axis]!),
    attributes: { perm: order },
    gradient: ([dy]) => [
      dy &&
        transpose(
          dy,
          order.map((_, axis) => order.indexOf(axis)),
        ),
    ],
  })
}

/** Adds axes of size 1; positions count in the result. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return x
  const at = axes.map((axis) => axisOf(axis, x.rank + axes.length))
  const rest = x.shape.values()
  const shape = Array.from({ length: x.rank + at.length }, (_, axis) =>
    at.includes(axis) ? 1 : rest.next().value!,
  )
  return emitOne({
    op: 'Unsqueeze',
    inputs: [x, x.graph.integers(at)],
    dtype: x.dtype,
    shape,
    gradientOf: [x],
    gradient: ([dy]) => [dy && squeeze(dy, at)],
  })
}

/** Takes axes of size 1 away. */
export function squeeze(x: Value, axes: readonly number[]): Value {
  const at = axes.map((axis) => axisOf(axis, x.rank))
  if (at.some((axis) => x.shape[axis] !== 1))
    throw misfit('squeeze', [x], `axes ${axes.join(', ')} are not 1.`)
  return emitOne({
    op: 'Squeeze',
    inputs: [x, x.graph.integers(at)],
    dtype: x.dtype,
    shape: x.shape.filter((_, axis) => !at.includes(axis)),
    gradientOf: [x],
    gradient: ([dy]) => [dy && unsqueeze(dy, at)],
  })
}

/** Repeats axes of size 1 to the given shape. */
export function expand(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x
  const result = broadcast(x.shape, shape)
  if (!result || !sameShape(result, shape)) {
    throw misfit('expand', [x], `does not repeat to [${shape.join(', ')}].`)
  }
  return emitOne({
    op: 'Expand',
    inputs: [x, shapeTensor(x.graph, shape)],
    dtype: x.dtype,
    shape,
    gradientOf: [x],
    gradient: ([dy]) => [dy && sumTo(dy, x.shape)],
  })
}

/** Repeats an axis whose size a run decides, and which must then be 1, or `size` already; for inference, without a gradient. */
export function repeat(x: Value, axis: number, size: Dim): Value {
  const shape = x.shape.with(axis, size)
  return emitOne({ op: 'Expand', inputs: [x, shapeTensor(x.graph, shape)], dtype: x.dtype, shape })
}

/** Joins tensors along an axis. */
export function concat(parts: readonly Value[], axis: number): Value {
  const [first] = parts
  if (!first) throw new Error('concat: there is nothing to join.')
  const at = axisOf(axis, first.rank)
  for (const part of parts) {
    const fits =
      part.rank === first.rank &&
      part.shape.every((size, index) => index === at || size === first.shape[index])
    if (!fits || part.dtype !== first.dtype) throw misfit('concat', parts, `they differ beside axis ${at}.`)
  }
  const sizes = parts.map((part) => part.shape[at]!)
  return emitOne({
    op: 'Concat',
    inputs: parts,
    dtype: first.dtype,
    shape: first.shape.map((size, index) => (index === at ? sum(...sizes) : size)),
    attributes: { axis: at },
    gradient: ([dy]) => (dy ? split(dy, sizes, at) : []),
  })
}

/** Cuts a tensor along an axis into parts of the given sizes. */
export function split(x: Value, sizes: readonly Dim[], axis: number): Value[] {
  const at = axisOf(axis, x.rank)
  if (sum(...sizes) !== x.shape[at])
    throw misfit('split', [x], `parts of ${sizes.join(', ')} do not fill axis ${at}.`)
  const outputs = sizes.map((size) => ({
    dtype: x.dtype,
    shape: x.shape.map((whole, index) => (index === at ? size : whole)),
  }))
  const parts: Value[] = emit({
    op: 'Split',
    inputs: [x, shapeTensor(x.graph, sizes)],
    outputs,
    attributes: { axis: at },
    gradientOf: [x],
    gradient: (dys) => [
      concat(
        dys.map((dy, index) => dy ?? zeros(x.graph, x.dtype, parts[index]!.shape)),
        at,
      ),
    ],
  })
  return parts
}

/** Elements from `start` up to `end` of an axis, both counted from 0. */
export function slice(x: Value, axis: number, start: number, end: Dim): Value {
  const at = axisOf(axis, x.rank)
  const whole = x.shape[at]!
  if (start < 0 || (typeof whole === 'number' && typeof end === 'number' && (end > whole || start > end))) {
    throw misfit('slice', [x], `${start} to ${end} is not within axis ${at}.`)
  }
  const size = difference(end, start)
  const [before, after] = [start, difference(whole, end)]
  return emitOne({
    op: 'Slice',
    inputs: [x, x.graph.integers([start]), shapeTensor(x.graph, [end]), x.graph.integers([at])],
    dtype: x.dtype,
    shape: x.shape.map((one, index) => (index === at ? size : one)),
    gradientOf: [x],
    gradient: ([dy]) => {
      if (!dy) return []
      const part = (length: Dim) =>
        length === 0
          ? []
          : [
              zeros(
                x.graph,
                x.dtype,
                x.shape.map((one, index) => (index === at ? length : one)),
              ),
            ]
      return [concat([...part(before), dy, ...part(after)], at)]
    },
  })
}

/** Elements of the first axis from `start` up to `end`, (1) int64 each, which a run decides; a letter names how many. */
export function span(x: Value, start: Value, end: Value, letter: string): Value {
  return emitOne({
    op: 'Slice',
    inputs: [x, start, end, x.graph.integers([0])],
    dtype: x.dtype,
    shape: [letter, ...x.shape.slice(1)],
  })
}

/** A tensor of zeros. */
export function zeros(graph: Graph, dtype: Dtype, shape: Shape): Value {
  return expand(graph.scalar(dtype, 0), shape)
}

/** 0, 1, 2 … as int64, `length` of them. */
export function range(graph: Graph, length: Dim): Value {
  return emitOne({
    op: 'Range',
    inputs: [graph.scalar('int64', 0), sizeOf(graph, length), graph.scalar('int64', 1)],
    dtype: 'int64',
    shape: [length],
  })
}

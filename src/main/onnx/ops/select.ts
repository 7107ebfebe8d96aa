// Operations that choose, collect and place elements by index.
import { axisOf, sameShape } from '../dims.ts'
import { emit, emitOne, misfit, type Value } from '../graph.ts'
import { unsqueeze, zeros } from './shape.ts'

function assertIndices(op: string, x: Value, indices: Value): void {
  if (indices.dtype !== 'int64' && indices.dtype !== 'int32') {
    throw misfit(op, [x, indices], 'indices must be int64 or int32.')
  }
}

/** Slices of x along an axis, in the order of `indices`: (…, n, …) for n indices. */
export function gather(x: Value, indices: Value, axis = 0): Value {
  assertIndices('gather', x, indices)
  const at = axisOf(axis, x.rank)
  return emitOne({
    op: 'Gather',
    inputs: [x, indices],
    dtype: x.dtype,
    shape: [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)],
    attributes: { axis: at },
    gradientOf: [x],
    gradient: ([dy]) => {
      if (!dy) return []
      if (at !== 0) throw new Error('gather: the gradient along an axis other than the first is not defined.')
      return [
        scatterRows(zeros(x.graph, x.dtype, x.shape), unsqueeze(indices, [indices.rank]), dy, {
          add: true,
        }),
      ]
    },
  })
}

/** For every place of `indices` (same rank as x) the element of x with that index along the axis. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  assertIndices('gatherElements', x, indices)
  const at = axisOf(axis, x.rank)
  if (indices.rank !== x.rank) throw misfit('gatherElements', [x, indices], 'the ranks differ.')
  return emitOne({
    op: 'GatherElements',
    inputs: [x, indices],
    dtype: x.dtype,
    shape: indices.shape,
    attributes: { axis: at },
    gradientOf: [x],
    gradient: ([dy]) => [
      dy && scatterElements(zeros(x.graph, x.dtype, x.shape), indices, dy, at, { add: true }),
    ],
  })
}

interface ScatterOptions {
  /** Adds to what is there, so that an index may come twice; otherwise replaces it, and must not. */
  readonly add?: boolean
}

/** x with `updates` put where `indices` say along the axis. */
export function scatterElements(
  x: Value,
  indices: Value,
  updates: Value,
  axis: number,
  { add = false }: ScatterOptions = {},
): Value {
  assertIndices('scatterElements', x, indices)
  const at = axisOf(axis, x.rank)
  if (!sameShape(indices.shape, updates.shape) || indices.rank !== x.rank || updates.dtype !== x.dtype) {
    throw misfit(
      'scatterElements',
      [x, indices, updates],
      'indices and updates must have one shape, of x’s rank.',
    )
  }
  return emitOne({
    op: 'ScatterElements',
    inputs: [x, indices, updates],
    dtype: x.dtype,
    shape: x.shape,
    attributes: { axis: at, reduction: add ? 'add' : 'none' },
    gradientOf: [x, updates],
    gradient: ([dy]) => {
      if (!dy) return []
      const kept = add ? dy : scatterElements(dy, indices, zeros(x.graph, x.dtype, indices.shape), at)
      return [kept, gatherElements(dy, indices, at)]
    },
  })
}

/** x with slices put where the index tuples in the last axis of `indices` say (ONNX ScatterND). */
export function scatterRows(
  x: Value,
  indices: Value,
  updates: Value,
  { add = false }: ScatterOptions = {},
): Value {
  const depth = indices.shape.at(-1)
  if (typeof depth !== 'number' || depth > x.rank || indices.dtype !== 'int64') {
    throw misfit(
      'scatterRows',
      [x, indices, updates],
      'the last axis of the int64 indices must be a known size.',
    )
  }
  const expected = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)]
  if (!sameShape(updates.shape, expected) || updates.dtype !== x.dtype) {
    throw misfit(
      'scatterRows',
      [x, indices, updates],
      `the updates must have the shape [${expected.join(', ')}].`,
    )
  }
  return emitOne({
    op: 'ScatterND',
    inputs: [x, indices, updates],
    dtype: x.dtype,
    shape: x.shape,
    attributes: { reduction: add ? 'add' : 'none' },
    gradientOf: [x, updates],
    gradient: ([dy]) => {
      if (!dy) return []
      const kept = add ? dy : scatterRows(dy, indices, zeros(x.graph, x.dtype, updates.shape))
      return [kept, gatherRows(dy, indices)]
    },
  })
}

/** The slices of x that the index tuples in the last axis of `indices` name (ONNX GatherND). */
export function gatherRows(x: Value, indices: Value): Value {
  const depth = indices.shape.at(-1)
  if (typeof depth !== 'number' || depth > x.rank || indices.dtype !== 'int64') {
    throw misfit('gatherRows', [x, indices], 'the last axis of the int64 indices must be a known size.')
  }
  return emitOne({
    op: 'GatherND',
    inputs: [x, indices],
    dtype: x.dtype,
    shape: [...indices.shape.slice(0, -1), ...x.shape.slice(depth)],
    gradientOf: [x],
    gradient: ([dy]) => [dy && scatterRows(zeros(x.graph, x.dtype, x.shape), indices, dy, { add: true })],
  })
}

interface TopKOptions {
  /** Greatest first; unsorted is faster on some devices. */
  readonly sorted?: boolean
  /** The least instead, least first. */
  readonly smallest?: boolean
}

/** The k greatest along an axis and where they are (int64). */
export function topK(
  x: Value,
  k: number | Value,
  axis = -1,
  { sorted = true, smallest = false }: TopKOptions = {},
): { values: Value; indices: Value } {
  const at = axisOf(axis, x.rank)
  const whole = x.shape[at]!
  if (typeof k === 'number' && (k < 1 || (typeof whole === 'number' && k > whole))) {
    throw misfit('topK', [x], `there are no ${k} elements along axis ${at}.`)
  }
  const count = typeof k === 'number' ? x.graph.integers([k]) : k
  const shape = x.shape.map((size, index) => (index === at ? (typeof k === 'number' ? k : 'k') : size))
  const [values, indices]: Value[] = emit({
    op: 'TopK',
    inputs: [x, count],
    outputs: [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ],
    attributes: { axis: at, sorted: sorted ? 1 : 0, largest: smallest ? 0 : 1 },
    gradientOf: [x],
    gradient: ([dy]) => [dy && scatterElements(zeros(x.graph, x.dtype, x.shape), indices!, dy, at)],
  })
  return { values: values!, indices: indices! }
}

// The normalisation of LLaMA's blocks.
import { emit, emitOne, misfit, type Value } from '../graph.ts'
import { add, div, mul, power, sqrt, square } from './elementwise.ts'
import { reduceMean, sumTo } from './reduce.ts'

/** x / √(mean x² + epsilon) · weight over the last axis (Zhang and Sennrich, 2019), as one kernel. */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  if (weight.rank !== 1 || weight.shape[0] !== x.shape.at(-1) || weight.dtype !== x.dtype) {
    throw misfit('rmsNorm', [x, weight], 'the weight must be as long as the last axis.')
  }
  return emitOne({
    op: 'SimplifiedLayerNormalization',
    inputs: [x, weight],
    dtype: x.dtype,
    shape: x.shape,
    attributes: { axis: -1, epsilon: { float: epsilon } },
    gradient: ([dy]) => {
      if (!dy) return []
      const root = sqrt(add(reduceMean(square(x), [-1], { keep: true }), epsilon))
      const scaled = mul(dy, weight)
      const along = reduceMean(mul(scaled, x), [-1], { keep: true })
      const dx = add(div(scaled, root), mul(mul(x, along), mul(power(root, -3), -1)))
      return [dx, sumTo(mul(dy, div(x, root)), weight.shape)]
    },
  })
}

/** x + y and its `rmsNorm`, as one kernel; for inference, without a gradient. */
export function addRmsNorm(
  x: Value,
  y: Value,
  weight: Value,
  epsilon: number,
): { readonly sum: Value; readonly normed: Value } {
  if (x.shape.join() !== y.shape.join() || x.dtype !== y.dtype) {
    throw misfit('addRmsNorm', [x, y], 'the two must be alike.')
  }
  if (weight.rank !== 1 || weight.shape[0] !== x.shape.at(-1) || weight.dtype !== x.dtype) {
    throw misfit('addRmsNorm', [x, weight], 'the weight must be as long as the last axis.')
  }
  const like = { dtype: x.dtype, shape: x.shape }
  // means and deviations are for training, and are not written
  const statistics = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] }
  const [normed, , , sum] = emit({
    op: 'SkipSimplifiedLayerNormalization',
    domain: 'com.microsoft',
    inputs: [x, y, weight],
    outputs: [like, statistics, statistics, like],
    attributes: { epsilon: { float: epsilon } },
  })
  return { sum: sum!, normed: normed! }
}

// The normalisation of LLaMA's blocks.
import { emitOne, misfit, type Value } from '../graph.ts'
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

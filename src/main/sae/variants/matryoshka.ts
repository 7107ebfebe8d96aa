// Matryoshka BatchTopK: nested dictionaries, each of which must reconstruct by itself (Bussmann et al., 2025).
import type { Value } from '../../onnx/graph.ts'
import { add, cast, greaterOrEqual, mul, square, sub } from '../../onnx/ops/elementwise.ts'
import { cumulativeSum, reduceMean, reduceSum } from '../../onnx/ops/reduce.ts'
import { reshape, slice, squeeze, unsqueeze } from '../../onnx/ops/shape.ts'
import { smallestActive } from './batchtopk.ts'
import { End, weightedSum } from './pairs.ts'
import {
  auxiliary,
  type Code,
  codeOf,
  firedInPairs,
  firingsInPairs,
  preActivations,
  sparseParameters,
} from './sparse.ts'
import { topOfBatch } from './top-of-batch.ts'
import { type Given, parameterOf, type Parameters, type Variant } from './variant.ts'

export const matryoshka: Variant = {
  id: 'matryoshka',
  // what a row keeps must not depend on its batch: one threshold for all features
  architecture: 'jumprelu',
  unitDecoder: true,
  products: 1,
  wide: 6,
  parameters: sparseParameters,
  forward: (parameters, x, given, options) => {
    const pre = preActivations(parameters, x)
    const code = codeOf(topOfBatch(pre, options.k), parameters, x, given)
    const levels = nested(code, parameters, x, options.widths, given)
    const last = options.widths.length - 1
    const reconstruction = squeeze(slice(levels, 1, last, last + 1), [1])
    const errors = reduceSum(square(sub(levels, unsqueeze(x, [1]))), [2])
    return {
      recon: reduceMean(errors),
      penalty: auxiliary(parameters, { x, reconstruction, ...given }, options),
      reconstruction,
      fired: firedInPairs(code),
      firings: firingsInPairs(code),
      smallest: smallestActive(code),
    }
  },
}

/** (B, levels, D): what the features below each width reconstruct. */
function nested(
  code: Code,
  parameters: Parameters,
  x: Value,
  widths: readonly number[],
  { inParts = false }: Given,
): Value {
  const [B, D] = x.shape as [number, number]
  const L = widths.length
  const place = add(mul(code.rows.at, L), levelOf(code.features.at, widths))
  const places = new End(place, B * L, inParts)
  const parts = weightedSum(code.values, parameterOf(parameters, 'W_dec'), code.features, places)
  return add(cumulativeSum(reshape(parts, [B, L, D]), 1), parameterOf(parameters, 'b_dec'))
}

/** (N) int64: the first dictionary that has the feature. */
function levelOf(features: Value, widths: readonly number[]): Value {
  return widths
    .slice(0, -1)
    .map((width) => cast(greaterOrEqual(features, width), 'int64'))
    .reduce((a, b) => add(a, b), mul(features, 0))
}

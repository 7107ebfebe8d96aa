// ReLU with an L1 penalty weighted by decoder norms, decoder free (Anthropic's update of April 2024).
import type { Value } from '../../onnx/graph.ts'
import { mul, sqrt, square } from '../../onnx/ops/elementwise.ts'
import { reduceSum } from '../../onnx/ops/reduce.ts'
import {
  decoded,
  denseParameters,
  firedIn,
  firingsOf,
  meanOfSums,
  reluFeatures,
  squaredError,
} from './dense.ts'
import { parameterOf, type Variant } from './variant.ts'

export const reluL1: Variant = {
  id: 'relu-l1',
  architecture: 'standard',
  unitDecoder: false,
  products: 5,
  wide: 10,
  parameters: denseParameters,
  forward: (parameters, x, { warm }, { l1 }) => {
    const features = reluFeatures(parameters, x)
    const reconstruction = decoded(parameters, features)
    const weighted = mul(features, decoderNorms(parameterOf(parameters, 'W_dec')))
    return {
      recon: squaredError(reconstruction, x),
      penalty: mul(mul(meanOfSums(weighted), l1), warm),
      reconstruction,
      fired: firedIn(features),
      firings: firingsOf(features, parameterOf(parameters, 'W_dec'), 0),
    }
  },
}

/** (F), differentiable, for a decoder that lies (D, F). */
function decoderNorms(decoder: Value): Value {
  return sqrt(reduceSum(square(decoder), [0]))
}

// BatchTopK with AuxK: the k·B greatest of a whole batch are its code (Bussmann et al., 2024).
import type { Value } from '../../onnx/graph.ts'
import { greater, where } from '../../onnx/ops/elementwise.ts'
import { reduceMin } from '../../onnx/ops/reduce.ts'
import { squaredError } from './dense.ts'
import {
  auxiliary,
  type Code,
  codeOf,
  firedInPairs,
  firingsInPairs,
  preActivations,
  reconstructed,
  sparseParameters,
} from './sparse.ts'
import { topOfBatch } from './top-of-batch.ts'
import { NONE_KEPT, type Variant } from './variant.ts'

export const batchTopk: Variant = {
  id: 'batchtopk',
  // what a row keeps must not depend on its batch: one threshold for all features
  architecture: 'jumprelu',
  unitDecoder: true,
  products: 1,
  wide: 5,
  parameters: sparseParameters,
  forward: (parameters, x, given, options) => {
    const pre = preActivations(parameters, x)
    const code = codeOf(topOfBatch(pre, options.k), parameters, x, given)
    const reconstruction = reconstructed(code, parameters)
    return {
      recon: squaredError(reconstruction, x),
      penalty: auxiliary(parameters, { x, reconstruction, ...given }, options),
      reconstruction,
      fired: firedInPairs(code),
      firings: firingsInPairs(code),
      smallest: smallestActive(code),
    }
  },
}

/** The least activation that was kept: the threshold of inference is its running mean. */
export function smallestActive({ values }: Code): Value {
  return reduceMin(where(greater(values, 0), values, NONE_KEPT))
}

// BatchTopK with AuxK: the k·B greatest of a whole batch are its code (Bussmann et al., 2024).
import type { Value } from '../../onnx/graph.ts'
import { greater, where } from '../../onnx/ops/elementwise.ts'
import { reduceMin } from '../../onnx/ops/reduce.ts'
import { gather, topK } from '../../onnx/ops/select.ts'
import { squaredError } from './dense.ts'
import {
  auxiliary,
  type Chosen,
  type Code,
  codeOf,
  firedInPairs,
  firingsInPairs,
  known,
  preActivations,
  reconstructed,
  sparseParameters,
  topOfRows,
} from './sparse.ts'
import { NONE_KEPT, type Variant } from './variant.ts'

/**
 * A row takes part in the choice with this many times k features. One pass over each row and a second over what is left
 * is faster than one over B·F numbers, on a GPU by far; only a row with more active features than this would differ.
 */
const CANDIDATES = 4

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

/** The k·B greatest of `pre` (B, F). */
export function topOfBatch(pre: Value, k: number): Chosen {
  const [B, F] = known(pre)
  const each = Math.min(F, CANDIDATES * k)
  const candidates = topOfRows(pre, each)
  const { values, indices } = topK(candidates.raw, B * k, -1, { sorted: false })
  return {
    raw: values,
    rows: gather(candidates.rows, indices),
    features: gather(candidates.features, indices),
  }
}

/** The least activation that was kept: the threshold of inference is its running mean. */
export function smallestActive({ values }: Code): Value {
  return reduceMin(where(greater(values, 0), values, NONE_KEPT))
}

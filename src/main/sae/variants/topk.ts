// TopK with AuxK: the k greatest of each row are the code (Gao et al., 2024).
import { squaredError } from './dense.ts'
import {
  auxiliary,
  codeOf,
  firedInPairs,
  firingsInPairs,
  preActivations,
  reconstructed,
  sparseParameters,
  topOfRows,
} from './sparse.ts'
import type { Variant } from './variant.ts'

export const topk: Variant = {
  id: 'topk',
  architecture: 'topk',
  unitDecoder: true,
  products: 1,
  wide: 5,
  parameters: sparseParameters,
  forward: (parameters, x, given, options) => {
    const pre = preActivations(parameters, x)
    const code = codeOf(topOfRows(pre, options.k), parameters, x, given)
    const reconstruction = reconstructed(code, parameters)
    return {
      recon: squaredError(reconstruction, x),
      penalty: auxiliary(parameters, { x, reconstruction, ...given }, options),
      reconstruction,
      fired: firedInPairs(code),
      firings: firingsInPairs(code),
    }
  },
}

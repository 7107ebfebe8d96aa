// TopK with AuxK: the k greatest of each row are the code (Gao et al., 2024).
import { squaredError } from './dense.ts'
import {
  auxiliary,
  codeOf,
  firedInPairs,
  firingsInPairs,
  known,
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
  forward: (parameters, x, { dead }, options) => {
    const pre = preActivations(parameters, x)
    const code = codeOf(topOfRows(pre, options.k), parameters, x)
    const reconstruction = reconstructed(code, parameters, x)
    return {
      recon: squaredError(reconstruction, x),
      penalty: auxiliary(parameters, { x, reconstruction, dead }, options),
      reconstruction,
      fired: firedInPairs(code, known(pre)[1]),
      firings: firingsInPairs(code, known(pre)),
    }
  },
}

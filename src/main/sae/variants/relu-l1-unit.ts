// ReLU with an L1 penalty and decoder directions of norm 1 (Bricken et al., 2023).
import { mul } from '../../onnx/ops/elementwise.ts'
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

export const reluL1Unit: Variant = {
  id: 'relu-l1-unit',
  architecture: 'standard',
  unitDecoder: true,
  products: 5,
  wide: 8,
  parameters: denseParameters,
  forward: (parameters, x, { warm }, { l1 }) => {
    const features = reluFeatures(parameters, x)
    const reconstruction = decoded(parameters, features)
    return {
      recon: squaredError(reconstruction, x),
      penalty: mul(mul(meanOfSums(features), l1), warm),
      reconstruction,
      fired: firedIn(features),
      firings: firingsOf(features, parameterOf(parameters, 'W_dec'), 0),
    }
  },
}

// Gated SAE: one path says which features fire, the other how much; they share their directions (Rajamanoharan et al., 2024).
import { stopGradient } from '../../onnx/gradient.ts'
import { add, cast, exp, greater, mul, relu } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import {
  centred,
  decoded,
  denseParameters,
  encoded,
  firedIn,
  firingsOf,
  meanOfSums,
  squaredError,
} from './dense.ts'
import { parameterOf, type Variant } from './variant.ts'

export const gated: Variant = {
  id: 'gated',
  architecture: 'gated',
  unitDecoder: true,
  products: 9,
  wide: 17,
  parameters: (size) => {
    const { W_enc, W_dec, b_dec } = denseParameters(size)
    const perFeature = { shape: [size.F], features: 0 }
    return {
      W_enc: W_enc!,
      W_dec: W_dec!,
      b_dec: b_dec!,
      b_gate: perFeature,
      b_mag: perFeature,
      r_mag: perFeature,
    }
  },
  forward: (parameters, x, { warm }, { l1 }) => {
    const c = centred(parameters, x)
    const gates = encoded(parameters, c, 'b_gate')
    const directions = mul(parameterOf(parameters, 'W_enc'), exp(parameterOf(parameters, 'r_mag')))
    const magnitudes = relu(gemm(c, directions, { plus: parameterOf(parameters, 'b_mag') }))
    const features = mul(cast(greater(stopGradient(gates), 0), 'float32'), magnitudes)
    const reconstruction = decoded(parameters, features)
    const open = relu(gates)
    const frozen = {
      W_dec: stopGradient(parameterOf(parameters, 'W_dec')),
      b_dec: stopGradient(parameterOf(parameters, 'b_dec')),
    }
    return {
      recon: squaredError(reconstruction, x),
      penalty: add(mul(mul(meanOfSums(open), l1), warm), squaredError(decoded(frozen, open), x)),
      reconstruction,
      fired: firedIn(features),
      firings: firingsOf(features, parameterOf(parameters, 'W_dec'), 0),
    }
  },
}

// JumpReLU: a threshold for each feature, trained by straight-through estimates (Rajamanoharan et al., 2024).
import { stopGradient, withGradient } from '../../onnx/gradient.ts'
import type { Value } from '../../onnx/graph.ts'
import { abs, cast, div, greater, less, mul, neg, square, sub } from '../../onnx/ops/elementwise.ts'
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

export const jumprelu: Variant = {
  id: 'jumprelu',
  architecture: 'jumprelu',
  unitDecoder: false,
  products: 5,
  wide: 16,
  parameters: (size) => ({ ...denseParameters(size), threshold: { shape: [size.F], features: 0 } }),
  forward: (parameters, x, { warm }, { l0Coefficient, targetL0, bandwidth }) => {
    const threshold = parameterOf(parameters, 'threshold')
    const positive = reluFeatures(parameters, x)
    const { on, near } = gate(positive, threshold, bandwidth)
    // z·H(z − θ): to z as where it is on, to θ through the kernel
    const features = withGradient(mul(positive, on), [positive, threshold], (dy) => [
      mul(dy, on),
      neg(mul(reduceSum(mul(dy, near), [0]), div(threshold, bandwidth))),
    ])
    const steps = withGradient(on, [threshold], (dy) => [mul(reduceSum(mul(dy, near), [0]), -1 / bandwidth)])
    const reconstruction = decoded(parameters, features)
    const l0 = meanOfSums(steps)
    const sparsity = targetL0 === null ? l0 : square(sub(div(l0, targetL0), 1))
    return {
      recon: squaredError(reconstruction, x),
      penalty: mul(mul(sparsity, l0Coefficient), warm),
      reconstruction,
      fired: firedIn(features),
      firings: firingsOf(features, parameterOf(parameters, 'W_dec'), 0),
    }
  },
}

/** 1 where z is above its threshold, and 1 where it is within half the bandwidth of it. */
function gate(z: Value, threshold: Value, bandwidth: number): { on: Value; near: Value } {
  const [still, fixed] = [stopGradient(z), stopGradient(threshold)]
  return {
    on: cast(greater(still, fixed), 'float32'),
    near: cast(less(abs(sub(still, fixed)), bandwidth / 2), 'float32'),
  }
}

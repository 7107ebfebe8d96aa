// Switch SAE: each row goes to one of several expert autoencoders (Mudide et al., 2024).
import { stopGradient } from '../../onnx/gradient.ts'
import type { Value } from '../../onnx/graph.ts'
import { add, cast, equal, floor, mul, sub, where } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { argMax, reduceMean, reduceSum, softmax } from '../../onnx/ops/reduce.ts'
import { range, unsqueeze } from '../../onnx/ops/shape.ts'
import { squaredError } from './dense.ts'
import {
  codeOf,
  decodedSum,
  firedInPairs,
  firingsInPairs,
  known,
  preActivations,
  sparseParameters,
  topOfRows,
} from './sparse.ts'
import { type Parameters, parameterOf, type Variant } from './variant.ts'

export const switchSae: Variant = {
  id: 'switch',
  architecture: 'switch',
  unitDecoder: true,
  products: 1,
  wide: 10,
  parameters: (size, { experts }) => {
    const { W_enc, W_dec, b_dec } = sparseParameters(size)
    return {
      ...{ W_enc: W_enc!, W_dec: W_dec!, b_dec: b_dec! },
      W_router: { shape: [size.D, experts] },
      b_router: { shape: [size.D] },
    }
  },
  forward: (parameters, x, given, { k, experts, balance }) => {
    const pre = preActivations(parameters, x)
    const [, F] = known(pre)
    const { probability, chosen, share } = routed(parameters, x, experts)
    const mine = equal(expertOf(pre, F, experts), unsqueeze(chosen, [1]))
    const code = codeOf(topOfRows(where(mine, pre, -1e9), k), parameters, x, given)
    const weighted = mul(
      decodedSum(code, parameters),
      reduceSum(mul(probability, share), [1], { keep: true }),
    )
    const reconstruction = add(weighted, parameterOf(parameters, 'b_dec'))
    const spread = reduceSum(mul(reduceMean(share, [0]), reduceMean(probability, [0])))
    return {
      recon: squaredError(reconstruction, x),
      penalty: mul(mul(spread, balance * experts), given.warm),
      reconstruction,
      fired: firedInPairs(code),
      firings: firingsInPairs(code),
    }
  },
}

/** The experts' probabilities (B, E), the one each row goes to (B), and the same as zeros and ones (B, E). */
function routed(parameters: Parameters, x: Value, experts: number) {
  const logits = gemm(sub(x, parameterOf(parameters, 'b_router')), parameterOf(parameters, 'W_router'))
  const probability = softmax(logits, -1)
  const chosen = argMax(stopGradient(probability), -1)
  const share = cast(equal(unsqueeze(chosen, [1]), range(x.graph, experts)), 'float32')
  return { probability, chosen, share }
}

/** (F) int64: whose each feature is. */
function expertOf({ graph }: Value, F: number, experts: number): Value {
  const size = F / experts
  return cast(floor(mul(cast(range(graph, F), 'float32'), 1 / size)), 'int64')
}

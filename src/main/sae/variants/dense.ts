// What variants share whose codes are multiplied whole: layouts, products, and what is told of a step.
// Letters: B rows, D width of the model, F features.
import type { Value } from '../../onnx/graph.ts'
import { cast, greater, relu, sub, square } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { reduceMean, reduceNorm, reduceSum } from '../../onnx/ops/reduce.ts'
import { squeeze, unsqueeze } from '../../onnx/ops/shape.ts'
import { type Firings, type Parameter, parameterOf, type Parameters } from './variant.ts'

interface Size {
  readonly D: number
  readonly F: number
}

/** The decoder lies (D, F), as a linear layer's weights do: its gradient then reads the small operand transposed. */
export const denseParameters = ({ D, F }: Size): Record<string, Parameter> => ({
  W_enc: { shape: [D, F], features: 1 },
  b_enc: { shape: [F], features: 0 },
  W_dec: { shape: [D, F], features: 1, transposed: true },
  b_dec: { shape: [D] },
})

/** x − b_dec, which every encoder reads. */
export function centred(parameters: Parameters, x: Value): Value {
  return sub(x, parameterOf(parameters, 'b_dec'))
}

/** c·W_enc plus a bias (F): (B, F) before the activation function. */
export function encoded(parameters: Parameters, c: Value, bias: string): Value {
  return gemm(c, parameterOf(parameters, 'W_enc'), { plus: parameterOf(parameters, bias) })
}

/** ReLU(c·W_enc + b_enc) */
export function reluFeatures(parameters: Parameters, x: Value): Value {
  return relu(encoded(parameters, centred(parameters, x), 'b_enc'))
}

/** f·W_dec + b_dec: (B, D) */
export function decoded(parameters: Parameters, features: Value): Value {
  return gemm(features, parameterOf(parameters, 'W_dec'), {
    transposeB: true,
    plus: parameterOf(parameters, 'b_dec'),
  })
}

/** Mean over the rows of the squared length of what differs. */
export function squaredError(a: Value, b: Value): Value {
  return reduceMean(reduceSum(square(sub(a, b)), [1]))
}

/** The mean over the rows of what each of them sums up. */
export function meanOfSums(values: Value): Value {
  return reduceMean(reduceSum(values, [1]))
}

/** (F): in how many rows each feature is positive. */
export function firedIn(features: Value): Value {
  return reduceSum(cast(greater(features, 0), 'float32'), [0])
}

/** Of features (B, F) whose directions run along `axis` of the decoder; products, which need no other (B, F). */
export function firingsOf(features: Value, decoder: Value, axis: 0 | 1): Firings {
  return {
    among: (weights) => squeeze(gemm(unsqueeze(weights, [0]), cast(greater(features, 0), 'float32')), [0]),
    mass: () => squeeze(gemm(features, unsqueeze(reduceNorm(decoder, [axis]), [1])), [1]),
  }
}

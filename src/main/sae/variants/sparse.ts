// What variants share whose codes are sparse: only the pairs of row and active feature are decoded and differentiated.
// Letters: B rows, D width of the model, F features, N pairs.
import { withGradient } from '../../onnx/gradient.ts'
import type { Value } from '../../onnx/graph.ts'
import { lossWhere } from '../../onnx/conditional.ts'
import { add, cast, div, greater, min, mul, neg, relu, sub, where } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { reduceSum } from '../../onnx/ops/reduce.ts'
import { gather, scatterElements, scatterRows, topK } from '../../onnx/ops/select.ts'
import { expand, range, reshape, unsqueeze, zeros } from '../../onnx/ops/shape.ts'
import type { VariantOptions } from '../../../shared/sae.ts'
import { centred, squaredError } from './dense.ts'
import { type Firings, type Given, type Parameter, parameterOf, type Parameters } from './variant.ts'

interface Size {
  readonly D: number
  readonly F: number
}

/** Features' directions lie as rows in both matrices, so that those of a pair are read and written in one piece. */
export const sparseParameters = ({ D, F }: Size): Record<string, Parameter> => ({
  W_enc: { shape: [F, D], features: 0, transposed: true },
  b_enc: { shape: [F], features: 0 },
  W_dec: { shape: [F, D], features: 0 },
  b_dec: { shape: [D] },
})

/** Pairs of a row and a feature that is active in it. */
export interface Code {
  /** (N), not negative, and 0 where fewer are active. */
  readonly values: Value
  /** (N) int64 each. */
  readonly rows: Value
  readonly features: Value
}

/** Where pairs are, with what the features were before the activation function: (N) each. */
export interface Chosen {
  readonly raw: Value
  readonly rows: Value
  readonly features: Value
}

/** (x − b_dec)·W_encᵀ, plus b_enc where there is one: (B, F). Its gradient goes through the pairs that are chosen. */
export function preActivations(parameters: Parameters, x: Value): Value {
  const bias = parameters.b_enc
  return gemm(centred(parameters, x), parameterOf(parameters, 'W_enc'), {
    transposeB: true,
    ...(bias && { plus: bias }),
  })
}

/** The k greatest of each row of `pre` (B, F). */
export function topOfRows(pre: Value, k: number): Chosen {
  const [B] = known(pre)
  const { values, indices } = topK(pre, k, -1, { sorted: false })
  const rows = expand(unsqueeze(range(pre.graph, B), [1]), [B, k])
  return { raw: reshape(values, [B * k]), rows: reshape(rows, [B * k]), features: reshape(indices, [B * k]) }
}

/** ReLU of what was chosen, with gradients that touch the chosen features' directions alone. */
export function codeOf({ raw, rows, features }: Chosen, parameters: Parameters, x: Value): Code {
  const [W, b, center] = [
    parameterOf(parameters, 'W_enc'),
    parameters.b_enc,
    parameterOf(parameters, 'b_dec'),
  ]
  const values = withGradient(raw, b ? [W, b, center] : [W, center], (dy) => {
    const at = unsqueeze(features, [1])
    const biases = scatterRows(zeros(x.graph, 'float32', [W.shape[0]!]), at, dy, { add: true })
    const outer = mul(unsqueeze(dy, [1]), gather(centred(parameters, x), rows))
    const directions = scatterRows(zeros(x.graph, 'float32', W.shape), at, outer, { add: true })
    // every row was centred by the same b_dec: its gradient is that of the biases, seen through the directions
    const centre = neg(reshape(gemm(unsqueeze(biases, [0]), W), center.shape))
    return b ? [directions, biases, centre] : [directions, centre]
  })
  return { values: relu(values), rows, features }
}

/** Each pair's decoder direction times its value: (N, D). */
export function contributions({ values, features }: Code, parameters: Parameters): Value {
  return mul(unsqueeze(values, [1]), gather(parameterOf(parameters, 'W_dec'), features))
}

/** (B, D) without b_dec. */
export function decodedSum(code: Code, parameters: Parameters, x: Value): Value {
  return scatterRows(
    zeros(x.graph, 'float32', x.shape),
    unsqueeze(code.rows, [1]),
    contributions(code, parameters),
    {
      add: true,
    },
  )
}

/** (F): in how many rows each feature is active. */
export function firedInPairs({ values, features }: Code, F: number): Value {
  const active = cast(greater(values, 0), 'float32')
  return scatterRows(zeros(values.graph, 'float32', [F]), unsqueeze(features, [1]), active, { add: true })
}

/** Of pairs in B rows, whose directions have norm 1. */
export function firingsInPairs({ values, rows, features }: Code, [B, F]: readonly [number, number]): Firings {
  const sums = (size: number, at: Value, parts: Value) =>
    scatterRows(zeros(values.graph, 'float32', [size]), unsqueeze(at, [1]), parts, { add: true })
  return {
    among: (weights) => sums(F, features, mul(cast(greater(values, 0), 'float32'), gather(weights, rows))),
    mass: () => sums(B, rows, values),
  }
}

/**
 * AuxK (Gao et al., 2024): the dead features that come nearest to firing explain what the others left over; 0, and not
 * computed, while no feature is dead.
 */
export function auxiliary(
  parameters: Parameters,
  { x, reconstruction, dead }: { x: Value; reconstruction: Value } & Pick<Given, 'dead'>,
  { kAux, auxCoefficient }: VariantOptions,
): Value {
  const [B, F] = [x.shape[0]!, dead.shape[0] as number]
  const names = ['W_enc', 'b_enc', 'W_dec', 'b_dec']
  const error = sub(x, reconstruction)
  const count = reduceSum(dead)
  const most = Math.min(kAux, F)
  return lossWhere(
    greater(count, 0),
    names.map((name) => parameterOf(parameters, name)),
    (copies) => {
      const inside = Object.fromEntries(names.map((name, index) => [name, copies[index]!]))
      const sleeping = where(greater(dead, 0), preActivations(inside, x), -1e9)
      const { values, indices } = topK(sleeping, most, -1, { sorted: false })
      const features = scatterElements(zeros(x.graph, 'float32', [B, F]), indices, relu(values), 1)
      const explained = gemm(features, inside.W_dec!)
      const share = mul(min(div(count, kAux), 1), auxCoefficient)
      return mul(squaredError(explained, error), share)
    },
  )
}

/** Rows and features of (B, F) when both are known while the graph is built. */
export function known({ shape }: Value): [number, number] {
  const [B, F] = shape
  if (typeof B !== 'number' || typeof F !== 'number') throw new Error('A sparse step must know its rows.')
  return [B, F]
}

/** b_dec added to what the pairs sum up to. */
export function reconstructed(code: Code, parameters: Parameters, x: Value): Value {
  return add(decodedSum(code, parameters, x), parameterOf(parameters, 'b_dec'))
}

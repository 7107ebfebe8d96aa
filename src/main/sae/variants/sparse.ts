// What variants share whose codes are sparse: only the pairs of row and active feature are decoded and differentiated.
// Letters: B rows, D width of the model, F features, N pairs.
import { withGradient } from '../../onnx/gradient.ts'
import type { Value } from '../../onnx/graph.ts'
import { lossWhere } from '../../onnx/conditional.ts'
import { add, cast, div, greater, min, mul, neg, relu, sub, where } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { reduceSum } from '../../onnx/ops/reduce.ts'
import { gather, scatterElements, topK } from '../../onnx/ops/select.ts'
import { expand, range, reshape, unsqueeze, zeros } from '../../onnx/ops/shape.ts'
import type { VariantOptions } from '../../../shared/sae.ts'
import { centred, squaredError } from './dense.ts'
import { End, sumAt, totalAt, weightedSum } from './pairs.ts'
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
  readonly rows: End
  readonly features: End
}

/** Where pairs are, with what the features were before the activation function: (N) each, the places int64. */
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
export function codeOf(
  chosen: Chosen,
  parameters: Parameters,
  x: Value,
  { inParts = false }: Pick<Given, 'inParts'>,
): Code {
  const [W, b, center] = [
    parameterOf(parameters, 'W_enc'),
    parameters.b_enc,
    parameterOf(parameters, 'b_dec'),
  ]
  const [B] = known(x)
  const [F] = known(W)
  const rows = new End(chosen.rows, B, inParts)
  const features = new End(chosen.features, F, inParts)
  const values = withGradient(chosen.raw, b ? [W, b, center] : [W, center], (dy) => {
    const biases = totalAt(features, dy)
    const directions = sumAt(features, dy, centred(parameters, x), rows)
    // every row was centred by the same b_dec: its gradient is that of the biases, seen through the directions
    const centre = neg(reshape(gemm(unsqueeze(biases, [0]), W), center.shape))
    return b ? [directions, biases, centre] : [directions, centre]
  })
  return { values: relu(values), rows, features }
}

/** (B, D) without b_dec. */
export function decodedSum({ values, rows, features }: Code, parameters: Parameters): Value {
  return weightedSum(values, parameterOf(parameters, 'W_dec'), features, rows)
}

/** (F): in how many rows each feature is active. */
export function firedInPairs({ values, features }: Code): Value {
  return totalAt(features, cast(greater(values, 0), 'float32'))
}

/** Of pairs whose directions have norm 1. */
export function firingsInPairs({ values, rows, features }: Code): Firings {
  return {
    among: (weights) => totalAt(features, mul(cast(greater(values, 0), 'float32'), gather(weights, rows.at))),
    mass: () => totalAt(rows, values),
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

/** The two sizes of a matrix whose both are known while the graph is built. */
export function known({ shape }: Value): [number, number] {
  const [rows, columns] = shape
  if (typeof rows !== 'number' || typeof columns !== 'number')
    throw new Error('A sparse step must know its rows.')
  return [rows, columns]
}

/** b_dec added to what the pairs sum up to. */
export function reconstructed(code: Code, parameters: Parameters): Value {
  return add(decodedSum(code, parameters), parameterOf(parameters, 'b_dec'))
}

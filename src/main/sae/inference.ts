// What an SAE makes of rows: a graph from (B, D) to features and reconstruction, for every architecture.
// Letters: B rows, D width of the model, F features, E experts.
import type { Graph, Value } from '../onnx/graph.ts'
import {
  add,
  cast,
  div,
  equal,
  exp,
  floor,
  greater,
  mul,
  relu,
  sqrt,
  square,
  sub,
  where,
} from '../onnx/ops/elementwise.ts'
import { gemm } from '../onnx/ops/matrix.ts'
import { argMax, reduceMean, reduceNorm, reduceSum, softmax } from '../onnx/ops/reduce.ts'
import { scatterElements, topK } from '../onnx/ops/select.ts'
import { range, unsqueeze } from '../onnx/ops/shape.ts'
import { type SaeForm, tensorShapes } from './sae.ts'

export type SaeValues = Readonly<Record<string, Value>>

/** SAELens adds this to a row's standard deviation. */
const LAYER_NORM_EPSILON = 1e-5

/** The tensors of an SAE as inputs of a graph, under their names. */
export function saeInputs(graph: Graph, form: SaeForm): SaeValues {
  const entries = Object.entries(tensorShapes(form.architecture, form))
  return Object.fromEntries(entries.map(([name, shape]) => [name, graph.input(name, 'float32', shape)]))
}

/** x (B, D) → features (B, F), not negative, and reconstruction (B, D). */
export function autoencoded(
  form: SaeForm,
  tensors: SaeValues,
  x: Value,
): { readonly features: Value; readonly reconstruction: Value } {
  const { inner, back } = normalised(form, x)
  const features = encodedBy(form, tensors, inner)
  return { features, reconstruction: back(decodedBy(form, tensors, features, inner)) }
}

/** Features of rows and which they are, each (B, k), in no order; some may be 0. */
export interface SparseCodes {
  readonly values: Value
  /** int64 */
  readonly indices: Value
}

/** x (B, D) → features (B, F), or where every row has at most k of them those alone. */
export function encodedRows(
  form: SaeForm,
  tensors: SaeValues,
  x: Value,
): { readonly features: Value } | SparseCodes {
  const { inner } = normalised(form, x)
  const choice = choiceOf(form, tensors, inner)
  if (!choice) return { features: encodedBy(form, tensors, inner) }
  const { values, indices } = topK(choice, form.k!, -1, { sorted: false })
  return { values: relu(values), indices }
}

/** (B, F), of which the k greatest of each row are its features; undefined where features are chosen otherwise. */
function choiceOf(form: SaeForm, tensors: SaeValues, x: Value): Value | undefined {
  const t = (name: string) => tensorOf(tensors, name)
  const c = form.centred ? sub(x, t('b_dec')) : x
  if (form.architecture === 'topk') {
    const pre = gemm(c, t('W_enc'), { plus: t('b_enc') })
    return form.rescaled ? mul(pre, reduceNorm(t('W_dec'), [1])) : pre
  }
  if (form.architecture !== 'switch') return undefined
  const { chosen } = routed(form, tensors, x)
  const size = form.F / form.experts!
  const owner = cast(floor(mul(cast(range(x.graph, form.F), 'float32'), 1 / size)), 'int64')
  return where(equal(owner, unsqueeze(chosen, [1])), gemm(c, t('W_enc')), -1e9)
}

/** x (B, D) → features (B, F), not negative. */
export function encoded(form: SaeForm, tensors: SaeValues, x: Value): Value {
  return encodedBy(form, tensors, normalised(form, x).inner)
}

function encodedBy(form: SaeForm, tensors: SaeValues, x: Value): Value {
  const choice = choiceOf(form, tensors, x)
  if (choice) return greatest(choice, form.k!)
  const t = (name: string) => tensorOf(tensors, name)
  const c = form.centred ? sub(x, t('b_dec')) : x
  switch (form.architecture) {
    case 'standard':
      return relu(gemm(c, t('W_enc'), { plus: t('b_enc') }))
    case 'jumprelu': {
      const pre = gemm(c, t('W_enc'), { plus: t('b_enc') })
      return where(greater(pre, t('threshold')), relu(pre), 0)
    }
    case 'gated': {
      const open = greater(gemm(c, t('W_enc'), { plus: t('b_gate') }), 0)
      const magnitude = gemm(c, mul(t('W_enc'), exp(t('r_mag'))), { plus: t('b_mag') })
      return where(open, relu(magnitude), 0)
    }
    case 'topk':
    case 'switch':
      throw new Error('These choose their features.')
  }
}

function decodedBy(form: SaeForm, tensors: SaeValues, features: Value, x: Value): Value {
  const [decoder, bias] = [tensorOf(tensors, 'W_dec'), tensorOf(tensors, 'b_dec')]
  if (form.architecture === 'switch') {
    return add(mul(gemm(features, decoder), routed(form, tensors, x).probability), bias)
  }
  const scaled = form.rescaled ? div(features, reduceNorm(decoder, [1])) : features
  return gemm(scaled, decoder, { plus: bias })
}

/** The expert each row goes to (B), and its probability (B, 1). */
function routed(form: SaeForm, tensors: SaeValues, x: Value) {
  const logits = gemm(sub(x, tensorOf(tensors, 'b_router')), tensorOf(tensors, 'W_router'))
  const probabilities = softmax(logits, -1)
  const chosen = argMax(probabilities, -1)
  const mine = cast(equal(unsqueeze(chosen, [1]), range(x.graph, form.experts!)), 'float32')
  return { chosen, probability: reduceSum(mul(probabilities, mine), [1], { keep: true }) }
}

/** All but the k greatest of each row, and what is negative, is 0. */
function greatest(pre: Value, k: number): Value {
  const { values, indices } = topK(pre, k, -1, { sorted: false })
  return scatterElements(mul(pre, 0), indices, relu(values), 1)
}

/** Rows as they are encoded, and what is done to their reconstructions. */
function normalised({ normalisation, D }: SaeForm, x: Value): { inner: Value; back: (y: Value) => Value } {
  switch (normalisation) {
    case 'none':
      return { inner: x, back: (y) => y }
    case 'constant_norm_rescale': {
      const factor = div(Math.sqrt(D), reduceNorm(x, [1], { keep: true }))
      return { inner: mul(x, factor), back: (y) => div(y, factor) }
    }
    case 'layer_norm': {
      const mean = reduceMean(x, [1], { keep: true })
      const centered = sub(x, mean)
      // torch's standard deviation, of a sample
      const deviation = sqrt(div(reduceSum(square(centered), [1], { keep: true }), D - 1))
      const inner = div(centered, add(deviation, LAYER_NORM_EPSILON))
      return { inner, back: (y) => add(mul(y, deviation), mean) }
    }
  }
}

function tensorOf(tensors: SaeValues, name: string): Value {
  const found = tensors[name]
  if (!found) throw new Error(`The SAE has no tensor ${name}.`)
  return found
}

// One step of training: a variant's loss, its gradients, Adam, and the features' record of silence.
// Letters: B rows, D width of the model, F features, P parameters.
import type { VariantOptions } from '../../shared/sae.ts'
import { adam, clipByGlobalNorm, momentShape, normOf } from '../onnx/adam.ts'
import { gradient } from '../onnx/gradient.ts'
import type { Value } from '../onnx/graph.ts'
import { add, cast, div, greater, less, mul, sqrt, square, sub, where } from '../onnx/ops/elementwise.ts'
import { reduceMean, reduceNorm, reduceSum } from '../onnx/ops/reduce.ts'
import { concat, unsqueeze } from '../onnx/ops/shape.ts'
import type { Step, TensorType } from '../onnx/steps.ts'
import { NONE_KEPT, type Parameter, type Variant } from './variants/variant.ts'

export interface StepOptions {
  readonly D: number
  readonly F: number
  readonly B: number
  readonly options: VariantOptions
  /** The global norm that gradients are scaled down to. */
  readonly clip: number
  readonly beta1: number
  readonly beta2: number
  /** Rows without firing after which a feature counts as dead. */
  readonly deadAfter: number
  readonly moments: 'float32' | 'float16'
  /** Elements of a parameter that Adam updates together; undefined on devices without Scan. */
  readonly block: number | undefined
  /** Sums over pairs of rows and features are made part by part; for the CPU. */
  readonly inParts?: boolean
}

export type StepInput = 'x' | 'rate' | 'warm'

/** Scalars of each step (`error` and `variance`: mean squared length of x − x̂ and of x − x̄), but `norms` (P), the norm of each parameter's gradient, and `fired` (F), the rows it fired in. */
export const stepMetrics = [
  'loss',
  'recon',
  'penalty',
  'error',
  'variance',
  'inputNorm',
  'outputNorm',
  'dead',
  'norms',
  'fired',
] as const
export type StepMetric = (typeof stepMetrics)[number]
export type TrainingStep = Step<string, StepInput, StepMetric>

/** How Adam's running means are named in the state. */
export const firstMoment = (name: string): string => `${name}.first`
export const secondMoment = (name: string): string => `${name}.second`
/** State beside parameters and moments: steps so far, rows since each feature fired, the threshold of inference. */
const COUNT = 'count'
export const SILENT = 'silent'
export const THRESHOLD_MEAN = 'threshold.mean'
const THRESHOLD_MEMORY = 0.999

export function trainingStep(variant: Variant, config: StepOptions): TrainingStep {
  const { D, F, B, options, moments, block, inParts = false } = config
  const parameters = variant.parameters({ D, F }, options)
  const names = Object.keys(parameters)
  const float = (shape: readonly number[]): TensorType => ({ dtype: 'float32', shape })
  const state: Record<string, TensorType> = {
    [COUNT]: float([]),
    [SILENT]: float([F]),
    [THRESHOLD_MEAN]: float([]),
  }
  for (const [name, { shape }] of Object.entries(parameters)) {
    const kept = { dtype: moments, shape: momentShape({ shape }, block) }
    Object.assign(state, { [name]: float(shape), [firstMoment(name)]: kept, [secondMoment(name)]: kept })
  }
  return {
    state,
    batch: { x: float([B, D]), rate: float([]), warm: float([]) },
    metrics: stepMetrics,
    build: (before, { x, rate, warm }) => {
      const values = Object.fromEntries(names.map((name) => [name, before[name]!]))
      const silent = before[SILENT]!
      const dead = cast(greater(silent, config.deadAfter), 'float32')
      const forward = variant.forward(values, x, { dead, warm, inParts }, options)
      const loss = add(forward.recon, forward.penalty)
      const raw = gradient(loss, Object.values(values))
      const projected = variant.unitDecoder ? alongDecoderDropped(names, parameters, values, raw) : raw
      const norms = projected.map(normOf)
      const { gradients: clipped } = clipByGlobalNorm(projected, norms, config.clip)
      const count = add(before[COUNT]!, 1)
      const kept = names.map((name) => ({
        first: before[firstMoment(name)]!,
        second: before[secondMoment(name)]!,
      }))
      const { beta1, beta2 } = config
      const updated = adam(Object.values(values), clipped, kept, { rate, step: count, beta1, beta2, block })
      const next: Record<string, Value> = {
        [COUNT]: count,
        [SILENT]: where(greater(forward.fired, 0), 0, add(silent, B)),
        [THRESHOLD_MEAN]: runningThreshold(before[THRESHOLD_MEAN]!, forward.smallest),
      }
      for (const [index, name] of names.entries()) {
        const value = updated.parameters[index]!
        next[name] = variant.unitDecoder && name === 'W_dec' ? ofNormOne(value, parameters[name]!) : value
        next[firstMoment(name)] = updated.moments[index]!.first
        next[secondMoment(name)] = updated.moments[index]!.second
      }
      return {
        state: next,
        metrics: {
          loss,
          recon: forward.recon,
          penalty: forward.penalty,
          error: meanSquare(sub(x, forward.reconstruction)),
          variance: meanSquare(sub(x, reduceMean(x, [0], { keep: true }))),
          inputNorm: sqrt(meanSquare(x)),
          outputNorm: sqrt(meanSquare(forward.reconstruction)),
          dead: reduceMean(dead),
          norms: concat(
            norms.map((norm) => unsqueeze(norm, [0])),
            0,
          ),
          fired: forward.fired,
        },
      }
    },
  }
}

/** The mean over the rows of their squared lengths. */
function meanSquare(x: Value): Value {
  return reduceMean(reduceSum(square(x), [1]))
}

/** Gradients whose part along each decoder direction, which renormalising would undo, is taken away. */
function alongDecoderDropped(
  names: readonly string[],
  parameters: Readonly<Record<string, Parameter>>,
  values: Readonly<Record<string, Value>>,
  gradients: readonly Value[],
): Value[] {
  return gradients.map((g, index) => {
    const name = names[index]!
    if (name !== 'W_dec') return g
    const over = [1 - parameters[name]!.features!]
    const direction = ofNormOne(values[name]!, parameters[name]!)
    return sub(g, mul(reduceSum(mul(g, direction), over, { keep: true }), direction))
  })
}

function ofNormOne(decoder: Value, { features }: Parameter): Value {
  return div(decoder, reduceNorm(decoder, [1 - features!], { keep: true }))
}

/** The mean of the smallest activations that were kept, which begins with the first; below 0: none yet. */
function runningThreshold(mean: Value, smallest: Value | undefined): Value {
  if (!smallest) return mul(mean, 1)
  const moved = add(mul(mean, THRESHOLD_MEMORY), mul(smallest, 1 - THRESHOLD_MEMORY))
  // a batch in which nothing fired says nothing about where firing begins
  return where(less(smallest, NONE_KEPT), where(less(mean, 0), smallest, moved), mean)
}

// How well a dictionary explains rows it was not trained on, over all of them at once.
// Letters: B rows, D width of the model, F features.
import type { Device } from '../../shared/devices.ts'
import { encode } from '../onnx/encode.ts'
import { Graph, type Value } from '../onnx/graph.ts'
import { div, max, mul, square, sub } from '../onnx/ops/elementwise.ts'
import { reduceNorm, reduceSum } from '../onnx/ops/reduce.ts'
import { zeros } from '../onnx/ops/shape.ts'
import { Session } from '../onnx/session.ts'
import { type Tensor, tensor } from '../onnx/tensor.ts'
import { autoencoded } from './inference.ts'
import { type SaeForm, tensorShapes } from './sae.ts'
import { firedIn, firingsOf } from './variants/dense.ts'
import type { Firings, Variant } from './variants/variant.ts'
import type { VariantOptions } from '../../shared/sae.ts'
import type { MarksShare } from '../store/training-metrics.ts'

export interface Validation {
  readonly rows: number
  /** Σ‖x − x̂‖² / Σ‖x − x̄‖² over all rows; explained variance is what it lacks of 1. */
  readonly fvu: number
  /** Active features of a row, on average. */
  readonly l0: number
  /** Share of the features that never fired. */
  readonly dead: number
  /** Mean of ‖x̂‖ divided by the mean of ‖x‖. */
  readonly shrinkage: number
  /** Mean of the cosines of x and x̂. */
  readonly cosine: number
  /** (F): the share of the rows in which each feature fired. */
  readonly density: Float64Array
  /** What falls on marks (punctuation, spaces, special tokens); null where it is not known which rows are. */
  readonly marks: MarksShare | null
}

/** Rows that are measured together. */
export interface ValidationBatch {
  readonly count: number
  /** (count, D) */
  readonly activations: Float32Array
  /** (count): 1 for rows whose token is a mark, else 0; null where nobody knows. */
  readonly marks?: Float32Array | null
}

/** Firings from which it can be told where a feature fires. */
const TELLING = 10

/** What is measured: the tensors it reads, and what it makes of rows. */
export interface Measurable {
  readonly D: number
  readonly F: number
  readonly tensors: Readonly<Record<string, readonly number[]>>
  /** x (B, D) → x̂ (B, D), and in how many rows each feature fires (F). */
  build(
    tensors: Readonly<Record<string, Value>>,
    x: Value,
  ): { readonly reconstruction: Value; readonly fired: Value; readonly firings: Firings }
}

/** Parameters as they are trained, in the units training sees. */
export function trainedDictionary(
  variant: Variant,
  {
    D,
    F,
    options,
    inParts,
  }: {
    readonly D: number
    readonly F: number
    readonly options: VariantOptions
    /** As a step is told it. */
    readonly inParts: boolean
  },
): Measurable {
  const parameters = Object.entries(variant.parameters({ D, F }, options))
  return {
    ...{ D, F, tensors: Object.fromEntries(parameters.map(([name, { shape }]) => [name, shape])) },
    build: (tensors, x) => {
      const given = { dead: zeros(x.graph, 'float32', [F]), warm: x.graph.scalar('float32', 1), inParts }
      return variant.forward(tensors, x, given, options)
    },
  }
}

/** An SAE that is ready for use. */
export function finishedDictionary(form: SaeForm): Measurable {
  return {
    ...{ D: form.D, F: form.F, tensors: tensorShapes(form.architecture, form) },
    build: (tensors, x) => {
      const { features, reconstruction } = autoencoded(form, tensors, x)
      const firings = firingsOf(features, tensors.W_dec!, 1)
      return { reconstruction, fired: firedIn(features), firings }
    },
  }
}

const outputs = ['reconstruction', 'fired', 'firedOnMarks', 'mass', 'errors', 'norms', 'cosines'] as const

/** Runs a dictionary on batches of any size; one graph for each size that comes. */
export class Validator {
  readonly #dictionary: Measurable
  readonly #device: Device
  readonly #sessions = new Map<number, Promise<Session<(typeof outputs)[number]>>>()

  constructor(dictionary: Measurable, device: Device) {
    this.#dictionary = dictionary
    this.#device = device
  }

  /** Measures the dictionary with the tensors in `state` on the batches (count, D). */
  async measure(
    state: Readonly<Record<string, Tensor>>,
    batches: AsyncIterable<ValidationBatch>,
  ): Promise<Validation> {
    const { D, F } = this.#dictionary
    const sum = new Float64Array(D)
    const fired = new Float64Array(F)
    const onMarks = new Float64Array(F)
    let [rows, squares, errors, norms, outNorms, cosines] = [0, 0, 0, 0, 0, 0]
    let [markRows, mass, markMass, known] = [0, 0, 0, true]
    for await (const { count, activations, marks = null } of batches) {
      const results = await this.#run(state, count, activations, marks)
      known &&= marks !== null
      for (let at = 0; at < count * D; at++) {
        sum[at % D]! += activations[at]!
        squares += activations[at]! ** 2
      }
      for (let row = 0; row < count; row++) {
        let square = 0
        for (let d = 0; d < D; d++) square += activations[row * D + d]! ** 2
        norms += Math.sqrt(square)
        outNorms += results.norms[row]!
        errors += results.errors[row]!
        cosines += results.cosines[row]!
        mass += results.mass[row]!
        if (marks?.[row]) {
          markRows++
          markMass += results.mass[row]!
        }
      }
      for (let feature = 0; feature < F; feature++) {
        fired[feature]! += results.fired[feature]!
        onMarks[feature]! += results.firedOnMarks[feature]!
      }
      rows += count
    }
    const variance = squares - sum.reduce((total, value) => total + value ** 2, 0) / rows
    return {
      rows,
      fvu: errors / variance,
      l0: fired.reduce((a, b) => a + b, 0) / rows,
      dead: fired.reduce((count, times) => count + (times === 0 ? 1 : 0), 0) / F,
      shrinkage: outNorms / norms,
      cosine: cosines / rows,
      density: fired.map((times) => times / rows),
      marks: known
        ? {
            rows: markRows / rows,
            mass: mass > 0 ? markMass / mass : 0,
            features: mostly(onMarks, fired),
          }
        : null,
    }
  }

  /** ‖x − x̂‖² of each row (count), and x̂ (count, D). */
  async errors(
    state: Readonly<Record<string, Tensor>>,
    count: number,
    activations: Float32Array,
  ): Promise<{ errors: Float32Array; reconstruction: Float32Array }> {
    const { errors, reconstruction } = await this.#run(state, count, activations)
    return { errors, reconstruction }
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).close()
  }

  async #run(
    state: Readonly<Record<string, Tensor>>,
    count: number,
    activations: Float32Array,
    marks: Float32Array | null = null,
  ) {
    const { D } = this.#dictionary
    let session = this.#sessions.get(count)
    if (!session) {
      session = Session.open(encode(this.#graph(count)), { device: this.#device, outputs })
      this.#sessions.set(count, session)
    }
    const parameters = Object.keys(this.#dictionary.tensors).map((name) => [name, state[name]!] as const)
    const results = await (
      await session
    ).run({
      ...Object.fromEntries(parameters),
      x: tensor('float32', [count, D], activations),
      marks: tensor('float32', [count], marks ?? new Float32Array(count)),
    })
    const data = (name: (typeof outputs)[number]) => results[name].data as Float32Array
    return {
      reconstruction: data('reconstruction'),
      ...{ fired: data('fired'), firedOnMarks: data('firedOnMarks'), mass: data('mass') },
      ...{ errors: data('errors'), norms: data('norms'), cosines: data('cosines') },
    }
  }

  #graph(B: number): Graph {
    const { D, tensors } = this.#dictionary
    const graph = new Graph('validation')
    const inputs = Object.entries(tensors).map(
      ([name, shape]) => [name, graph.input(name, 'float32', shape)] as const,
    )
    const x = graph.input('x', 'float32', [B, D])
    const { reconstruction, fired, firings } = this.#dictionary.build(Object.fromEntries(inputs), x)
    const norms = reduceNorm(reconstruction, [1])
    const lengths = max(mul(norms, reduceNorm(x, [1])), 1e-12)
    graph.output('reconstruction', reconstruction)
    graph.output('fired', fired)
    graph.output('firedOnMarks', firings.among(graph.input('marks', 'float32', [B])))
    graph.output('mass', firings.mass())
    graph.output('errors', reduceSum(square(sub(x, reconstruction)), [1]))
    graph.output('norms', norms)
    graph.output('cosines', div(reduceSum(mul(x, reconstruction), [1]), lengths))
    return graph
  }
}

/** Of the features that fired often enough to tell: the share that did so on marks more than elsewhere. */
function mostly(onMarks: Float64Array, fired: Float64Array): number {
  let [telling, those] = [0, 0]
  for (const [feature, times] of fired.entries()) {
    if (times < TELLING) continue
    telling++
    if (onMarks[feature]! > times / 2) those++
  }
  return telling > 0 ? those / telling : 0
}

/** How many features have which density: those that never fired, then quarters of powers of ten from 10⁻⁸ to 1. */
export function densityHistogram(density: ArrayLike<number>): number[] {
  const bins = new Array<number>(33).fill(0)
  for (const share of Array.from(density)) {
    const bin = share === 0 ? 0 : 1 + Math.min(31, Math.max(0, Math.floor(4 * (Math.log10(share) + 8))))
    bins[bin]!++
  }
  return bins
}

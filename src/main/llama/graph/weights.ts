// A checkpoint's tensors inside a graph: left where they lie in their files, and cast to the type of the computation.
import type { Graph, Value } from '../../onnx/graph.ts'
import { cast } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { gather } from '../../onnx/ops/select.ts'
import { EMBEDDING, HEAD } from '../architecture.ts'
import type { Checkpoint } from '../checkpoint.ts'

/** The type LLaMA is computed in. */
export type Precision = 'float32' | 'float16'

/** What the graph does with weights, however they are held. */
export interface Weights {
  /** The embedding's rows (…, D) for ids (…). */
  embed(ids: Value): Value
  /** The weight (D) of a norm. */
  norm(module: string): Value
  /** x·Wᵀ (+ b) of a module's parts that read the same x: x (rows, I), W (O, I) and b (O). */
  project(x: Value, module: string, parts: readonly string[], bias: boolean): Projected
  /** Scores (rows, V) of every token. */
  head(x: Value): Value
}

export interface Projected {
  /** Each (rows, O). */
  readonly parts: readonly Value[]
  /** All side by side, where they were made so. */
  readonly whole?: Value
}

export interface PlainOptions {
  readonly precision: Precision
  /** Whether the device looks up rows of types it does not compute in: the embedding then stays as it is stored. */
  readonly looksUpNarrow: boolean
}

/** A checkpoint's own tensors. */
export class PlainWeights implements Weights {
  readonly #graph: Graph
  readonly #checkpoint: Checkpoint
  readonly #options: PlainOptions
  readonly #stored = new Map<string, Value>()
  readonly #made = new Map<string, Value>()

  constructor(graph: Graph, checkpoint: Checkpoint, options: PlainOptions) {
    this.#graph = graph
    this.#checkpoint = checkpoint
    this.#options = options
  }

  embed(ids: Value): Value {
    const { precision, looksUpNarrow } = this.#options
    // cast whole it would be held beside what the head makes of it, or in a harvest for a few rows alone
    if (looksUpNarrow) return cast(gather(this.#storedTensor(EMBEDDING), ids), precision)
    return gather(this.#tensor(EMBEDDING), ids)
  }

  norm(module: string): Value {
    return this.#tensor(`${module}.weight`)
  }

  project(x: Value, module: string, parts: readonly string[], bias: boolean): Projected {
    return {
      parts: parts.map((part) =>
        gemm(x, this.#tensor(`${module}.${part}.weight`), {
          transposeB: true,
          ...(bias && { plus: this.#tensor(`${module}.${part}.bias`) }),
        }),
      ),
    }
  }

  head(x: Value): Value {
    const name = this.#checkpoint.config.tiedHead ? EMBEDDING : HEAD
    return gemm(x, this.#tensor(name), { transposeB: true })
  }

  /** The tensor of that Hugging Face name; each is held once. */
  #tensor(name: string): Value {
    const value = this.#made.get(name) ?? cast(this.#storedTensor(name), this.#options.precision)
    this.#made.set(name, value)
    return value
  }

  #storedTensor(name: string): Value {
    const known = this.#stored.get(name)
    if (known) return known
    const weight = this.#checkpoint.weights.get(name)
    if (!weight) throw new Error(`The checkpoint has no tensor "${name}".`)
    const value = this.#graph.constant(name, weight.dtype, weight.shape, weight)
    this.#stored.set(name, value)
    return value
  }
}

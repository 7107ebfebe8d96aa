// A checkpoint's tensors inside a graph: left where they lie in their files, and cast to the type of the computation.
import type { Graph, Value } from '../../onnx/graph.ts'
import { cast } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import type { Checkpoint } from '../checkpoint.ts'

/** The type LLaMA is computed in. */
export type Precision = 'float32' | 'float16'

export class Weights {
  readonly #graph: Graph
  readonly #checkpoint: Checkpoint
  readonly #precision: Precision
  readonly #made = new Map<string, Value>()

  constructor(graph: Graph, checkpoint: Checkpoint, precision: Precision) {
    this.#graph = graph
    this.#checkpoint = checkpoint
    this.#precision = precision
  }

  /** The tensor of that Hugging Face name; each is held once. */
  tensor(name: string): Value {
    const known = this.#made.get(name)
    if (known) return known
    const weight = this.#checkpoint.weights.get(name)
    if (!weight) throw new Error(`The checkpoint has no tensor "${name}".`)
    const value = cast(this.#graph.constant(name, weight.dtype, weight.shape, weight), this.#precision)
    this.#made.set(name, value)
    return value
  }

  /** x·Wᵀ (+ b): x (rows, I), W (O, I) and b (O) of the module of that name; gives (rows, O). */
  project(x: Value, module: string, { bias = false }: { bias?: boolean } = {}): Value {
    const weight = this.tensor(`${module}.weight`)
    return gemm(x, weight, { transposeB: true, ...(bias && { plus: this.tensor(`${module}.bias`) }) })
  }
}

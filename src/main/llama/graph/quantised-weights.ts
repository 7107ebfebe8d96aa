// Weights of few bits inside a graph, left where they lie in their file.
import type { DataLocation, Graph, Value } from '../../onnx/graph.ts'
import { add } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { gatherNBits, matMulNBits } from '../../onnx/ops/quantised.ts'
import { reduceSum } from '../../onnx/ops/reduce.ts'
import { gather } from '../../onnx/ops/select.ts'
import { reshape, split, transpose, unsqueeze } from '../../onnx/ops/shape.ts'
import { EMBEDDING, HEAD, moduleOf } from '../architecture.ts'
import type { LlamaConfig } from '../config.ts'
import type { QuantisedWeights as Stored, StoredMatrix } from '../quantised/file.ts'
import { joinedName } from '../quantised/plan.ts'
import type { Projected, Weights } from './weights.ts'

export class QuantisedWeights implements Weights {
  readonly #graph: Graph
  readonly #stored: Stored
  readonly #config: LlamaConfig

  constructor(graph: Graph, stored: Stored, config: LlamaConfig) {
    this.#graph = graph
    this.#stored = stored
    this.#config = config
  }

  embed(ids: Value): Value {
    const name = moduleOf(EMBEDDING)
    const { form, rows, columns, numbers, scales, offsets } = this.#matrix(name)
    const { bits, block } = form
    const count = columns / block
    const held = this.#graph.constant(`${name}.rows`, 'uint8', [rows, (columns * bits) / 8], numbers)
    const found = gatherNBits(
      { bits, block, numbers: held, scales: this.#floats(`${name}.row_scales`, [rows, count], scales) },
      ids,
    )
    if (!offsets) return found
    const lifts = this.#floats(`${name}.row_offsets`, [count, rows], offsets)
    const added = unsqueeze(transpose(gather(lifts, ids, 1), [1, 2, 0]), [-1])
    return reshape(add(reshape(found, [...ids.shape, count, block]), added), found.shape)
  }

  norm(module: string): Value {
    return this.#vector(module, this.#config.width)
  }

  project(x: Value, module: string, parts: readonly string[], bias: boolean): Projected {
    const name = joinedName(module, parts)
    const matrix = this.#matrix(name)
    const product = this.#product(x, name, matrix)
    const whole = bias ? add(product, this.#vector(name, matrix.rows)) : product
    return { whole, parts: parts.length === 1 ? [whole] : split(whole, matrix.parts, -1) }
  }

  head(x: Value): Value {
    const name = moduleOf(this.#config.tiedHead ? EMBEDDING : HEAD)
    return this.#product(x, name, this.#matrix(name))
  }

  /** x·Wᵀ, (rows, I) to (rows, O): what blocks are lifted by is a product of its own with the sums of x over blocks. */
  #product(x: Value, name: string, { form, rows, columns, numbers, scales, offsets }: StoredMatrix): Value {
    const { bits, block } = form
    const count = columns / block
    const operands = {
      ...{ bits, block },
      numbers: this.#graph.constant(`${name}.numbers`, 'uint8', [rows, count, (block * bits) / 8], numbers),
      scales: this.#floats(`${name}.scales`, [rows, count], scales),
    }
    const product = matMulNBits(x, operands, 'int8')
    if (!offsets) return product
    const sums = reduceSum(reshape(x, [x.shape[0]!, count, block]), [-1])
    return gemm(sums, this.#floats(`${name}.offsets`, [count, rows], offsets), { plus: product })
  }

  #matrix(name: string): StoredMatrix {
    const matrix = this.#stored.matrices.get(name)
    if (!matrix) throw new Error(`There is no quantised matrix "${name}".`)
    return matrix
  }

  #vector(name: string, count: number): Value {
    const vector = this.#stored.vectors.get(name)
    if (!vector) throw new Error(`There is no vector "${name}".`)
    return this.#floats(name, [count], vector)
  }

  #floats(name: string, shape: readonly number[], at: DataLocation): Value {
    return this.#graph.constant(name, 'float32', shape, at)
  }
}

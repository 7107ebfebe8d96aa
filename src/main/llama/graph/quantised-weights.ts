// Weights of few bits inside a graph, left where they lie in their file.
import type { DataLocation, Graph, Value } from '../../onnx/graph.ts'
import { add } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { gatherNBits, matMulNBits } from '../../onnx/ops/quantised.ts'
import { gather } from '../../onnx/ops/select.ts'
import { reshape, split, unsqueeze } from '../../onnx/ops/shape.ts'
import { EMBEDDING, HEAD, moduleOf } from '../architecture.ts'
import type { LlamaConfig } from '../config.ts'
import type { QuantisedWeights as Stored, StoredMatrix } from '../quantised/file.ts'
import { joinedName } from '../quantised/plan.ts'
import type { Projected, Weights } from './weights.ts'

export class QuantisedWeights implements Weights {
  readonly #graph: Graph
  readonly #stored: Stored
  readonly #config: LlamaConfig
  readonly #ones = new Map<string, Value>()

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
    const added = unsqueeze(gather(this.#floats(`${name}.row_offsets`, [rows, count], offsets), ids), [-1])
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
    return gemm(this.#sums(x, count, block), this.#floats(`${name}.offsets`, [rows, count], offsets), {
      transposeB: true,
      plus: product,
    })
  }

  /** Sums of x (rows, I) over blocks, as a product with 0 and 1: one small kernel instead of two. */
  #sums(x: Value, count: number, block: number): Value {
    const columns = count * block
    const key = `sums_${columns}_${block}`
    let ones = this.#ones.get(key)
    if (!ones) {
      const data = new Float32Array(columns * count)
      for (let column = 0; column < columns; column++) data[column * count + Math.floor(column / block)] = 1
      ones = this.#graph.constant(key, 'float32', [columns, count], data)
      this.#ones.set(key, ones)
    }
    return gemm(x, ones)
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

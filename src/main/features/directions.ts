// What decoder directions alone tell of features: their norm, those that point the same way, and the tokens they raise and lower.
// Letters: B features of a block, D width of the model, F features, V tokens of the vocabulary.
import type { UsableDevice } from '../../shared/devices.ts'
import { HISTOGRAM_BINS } from '../../shared/features.ts'
import type { DirectLogits } from '../llama/direct-logits.ts'
import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'
import { cast } from '../onnx/ops/elementwise.ts'
import { gemm } from '../onnx/ops/matrix.ts'
import { topK } from '../onnx/ops/select.ts'
import { Session } from '../onnx/session.ts'
import { tensor } from '../onnx/tensor.ts'
import type { Sae } from '../sae/sae.ts'
import type { LogitEffects, Near } from './blobs.ts'

export const NEIGHBOURS = 50
const LOGITS = 10
/** Numbers that come out of one run: 64 MB. */
const AT_ONCE = 2 ** 24
const MOST = 256
/** Bytes up to which directions are part of the graph; what is larger is given with each run. */
const HELD = 2 ** 31 - 2 ** 24

export interface Direction {
  readonly feature: number
  readonly norm: number
  readonly near: readonly Near[]
  readonly logits: LogitEffects | null
}

/** Compares the decoder rows of an SAE with each other, and with the unembedding of its model. */
export class Directions {
  /** Features of a block. */
  readonly block: number
  readonly #F: number
  readonly #D: number
  readonly #rows: Float32Array
  readonly #unit: Float32Array
  readonly #norms: Float32Array
  readonly #session: Session<'values' | 'indices'>
  readonly #held: boolean
  readonly #logits: DirectLogits | null

  private constructor(
    { F, D, tensors }: Sae,
    { unit, norms }: { readonly unit: Float32Array; readonly norms: Float32Array },
    session: Session<'values' | 'indices'>,
    logits: DirectLogits | null,
  ) {
    this.#F = F
    this.#D = D
    this.#rows = tensors.W_dec!
    this.#unit = unit
    this.#norms = norms
    this.#session = session
    this.#held = unit.byteLength < HELD
    this.#logits = logits
    this.block = Math.max(1, Math.min(MOST, Math.floor(AT_ONCE / Math.max(F, logits?.vocabulary ?? 1))))
  }

  static async open(sae: Sae, device: UsableDevice, logits: DirectLogits | null): Promise<Directions> {
    const { F, D } = sae
    const made = normalised(sae.tensors.W_dec!, D)
    const graph = new Graph('directions')
    const unit =
      made.unit.byteLength < HELD
        ? graph.constant('unit', 'float32', [F, D], made.unit)
        : graph.input('unit', 'float32', [F, D])
    const cosines = gemm(graph.input('x', 'float32', ['B', D]), unit, { transposeB: true })
    // its own direction is among them
    const { values, indices } = topK(cosines, Math.min(F, NEIGHBOURS + 1))
    graph.output('values', values)
    graph.output('indices', cast(indices, 'int32'))
    const session = await Session.open(encode(graph), { device, outputs: ['values', 'indices'] })
    return new Directions(sae, made, session, logits)
  }

  /** `count` features from `from`. */
  async of(from: number, count: number): Promise<Direction[]> {
    const D = this.#D
    const part = (all: Float32Array) => all.slice(from * D, (from + count) * D)
    const found = await this.#session.run({
      x: tensor('float32', [count, D], part(this.#unit)),
      ...(!this.#held && { unit: tensor('float32', [this.#F, D], this.#unit) }),
    })
    const [values, indices] = [found.values.data as Float32Array, found.indices.data as Int32Array]
    const logits = await this.#logits?.of(part(this.#rows))
    const V = this.#logits?.vocabulary ?? 0
    const k = values.length / count
    return Array.from({ length: count }, (_, at) => {
      const feature = from + at
      const near = Array.from({ length: k }, (_none, place) => ({
        feature: indices[at * k + place]!,
        cosine: values[at * k + place]!,
      }))
      return {
        ...{ feature, norm: this.#norms[feature]! },
        near: near.filter((one) => one.feature !== feature).slice(0, NEIGHBOURS),
        logits: logits ? effectsOf(logits.subarray(at * V, (at + 1) * V)) : null,
      }
    })
  }

  async close(): Promise<void> {
    await this.#session.close()
    await this.#logits?.close()
  }
}

/** Rows of length 1, and how long they were; a row of zeros stays. */
function normalised(rows: Float32Array, D: number): { unit: Float32Array; norms: Float32Array } {
  const unit = new Float32Array(rows.length)
  const norms = new Float32Array(rows.length / D)
  for (let row = 0; row < norms.length; row++) {
    let squares = 0
    for (let at = row * D; at < (row + 1) * D; at++) squares += rows[at]! ** 2
    const norm = Math.sqrt(squares)
    norms[row] = norm
    for (let at = row * D; at < (row + 1) * D; at++) unit[at] = norm > 0 ? rows[at]! / norm : 0
  }
  return { unit, norms }
}

/** Of (V) logits the greatest, the least, and how many lie where. */
export function effectsOf(logits: Float32Array): LogitEffects {
  const [up, down] = [extreme(logits, 1), extreme(logits, -1)]
  const [from, to] = [down[0]?.value ?? 0, up[0]?.value ?? 0]
  const histogram = new Uint32Array(HISTOGRAM_BINS)
  const scale = to > from ? HISTOGRAM_BINS / (to - from) : 0
  for (const logit of logits) histogram[Math.min(HISTOGRAM_BINS - 1, Math.floor((logit - from) * scale))]!++
  return { up, down, histogram, from, to }
}

/** The greatest (sign 1) or the least (−1) few, the outermost first; of equals the first token. */
function extreme(logits: Float32Array, sign: 1 | -1): { id: number; value: number }[] {
  const found: { id: number; value: number }[] = []
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id]!
    const last = found.at(-1)
    if (found.length === LOGITS && last && !(sign * value > sign * last.value)) continue
    let place = found.length
    while (place > 0 && sign * value > sign * found[place - 1]!.value) place--
    found.splice(place, 0, { id, value })
    if (found.length > LOGITS) found.pop()
  }
  return found
}

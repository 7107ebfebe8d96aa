// What decoder directions alone tell of features: their norm, those that point the same way, and the tokens they raise and lower.
// Letters: B features of a block, D width of the model, F features, N features a block is compared with, V tokens of the vocabulary.
import type { UsableDevice } from '../../shared/devices.ts'
import { HISTOGRAM_BINS } from '../../shared/features.ts'
import type { DirectLogits } from '../llama/direct-logits.ts'
import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'
import { cast, mul } from '../onnx/ops/elementwise.ts'
import { gemm } from '../onnx/ops/matrix.ts'
import { topK } from '../onnx/ops/select.ts'
import { Session } from '../onnx/session.ts'
import { release, tensor } from '../onnx/tensor.ts'
import { Greatest } from '../sae/greatest.ts'
import type { SaeParts } from '../sae/sae-parts.ts'
import type { LogitEffects, Near } from './blobs.ts'

export const NEIGHBOURS = 50
const LOGITS = 10
/** Numbers of a block of directions, and of the logits that come out of one run: 16 MB of float32. */
const AT_ONCE = 2 ** 22
/** Features that are compared in one run, of a block, and with how many: 16 MB of cosines. */
const [BLOCK, OTHERS] = [1_024, 4_096]

export interface Direction {
  readonly feature: number
  readonly norm: number
  readonly near: readonly Near[]
  readonly logits: LogitEffects | null
}

/** Compares the decoder rows of an SAE with each other, and with the unembedding of its model; a block of them is held at a time. */
export class Directions {
  /** Features of a block. */
  readonly block: number
  /** Features a block is compared with in one run. */
  readonly #others: number
  readonly #parts: SaeParts
  readonly #device: UsableDevice
  /** (F) */
  readonly #norms: Float32Array
  readonly #logits: DirectLogits | null
  /** By the features a block is compared with, of which the last run may have fewer. */
  readonly #sessions = new Map<number, Session<'values' | 'indices'>>()

  private constructor(
    parts: SaeParts,
    device: UsableDevice,
    norms: Float32Array,
    { logits, most }: DirectionsOptions,
  ) {
    const held = Math.max(1, Math.floor(AT_ONCE / parts.D))
    this.block = Math.min(most ?? BLOCK, held, parts.F)
    this.#others = Math.min(most ?? OTHERS, held, parts.F)
    this.#parts = parts
    this.#device = device
    this.#norms = norms
    this.#logits = logits
  }

  static async open(parts: SaeParts, device: UsableDevice, options: DirectionsOptions): Promise<Directions> {
    const norms = new Float32Array(parts.F)
    const directions = new Directions(parts, device, norms, options)
    for (const [from, count] of directions.#runs()) {
      const rows = await parts.read('W_dec', from, count)
      norms.set(normsOf(rows, parts.D), from)
      release(rows)
    }
    return directions
  }

  /** `count` features from `from`, no more than a block. */
  async of(from: number, count: number): Promise<Direction[]> {
    const { D, F } = this.#parts
    const rows = await this.#parts.read('W_dec', from, count)
    const x = tensor('float32', [count, D], divided(rows, this.#norms.subarray(from, from + count)))
    // its own direction is among them
    const k = Math.min(F, NEIGHBOURS + 1)
    const greatest = new Greatest(count, k)
    for (const [first, others] of this.#runs()) {
      const given = {
        rows: tensor('float32', [others, D], await this.#parts.read('W_dec', first, others)),
        scale: tensor('float32', [others, 1], inverted(this.#norms.subarray(first, first + others))),
      }
      const found = await (await this.#session(others)).run({ x, ...given })
      greatest.take(found.values.data as Float32Array, found.indices.data as Int32Array, {
        ...{ rows: count, first: 0, offset: first },
      })
      release(found.values.data, found.indices.data, given.rows.data)
    }
    const directions: Direction[] = []
    for await (const logits of this.#effects(rows, count)) {
      const at = directions.length
      const near = Array.from({ length: k }, (_none, place) => ({
        feature: greatest.indices[at * k + place]!,
        cosine: greatest.values[at * k + place]!,
      }))
      directions.push({
        ...{ feature: from + at, norm: this.#norms[from + at]!, logits },
        near: near.filter((one) => one.feature !== from + at).slice(0, NEIGHBOURS),
      })
    }
    return directions
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.close()
    await this.#logits?.close()
  }

  /** Of each of the rows (count, D) in order what it does to the logits. */
  async *#effects(rows: Float32Array, count: number): AsyncGenerator<LogitEffects | null> {
    const { D } = this.#parts
    const V = this.#logits?.vocabulary ?? 1
    const atOnce = Math.max(1, Math.floor(AT_ONCE / V))
    for (let from = 0; from < count; from += atOnce) {
      const few = Math.min(atOnce, count - from)
      const logits = await this.#logits?.of(rows.slice(from * D, (from + few) * D))
      for (let at = 0; at < few; at++) yield logits ? effectsOf(logits.subarray(at * V, (at + 1) * V)) : null
      if (logits) release(logits)
    }
  }

  /** All features, as many at once as a block is compared with: the first, and how many. */
  *#runs(): Generator<readonly [from: number, count: number]> {
    const { F } = this.#parts
    for (let from = 0; from < F; from += this.#others) yield [from, Math.min(this.#others, F - from)]
  }

  async #session(others: number): Promise<Session<'values' | 'indices'>> {
    let session = this.#sessions.get(others)
    if (!session) {
      session = await openComparing(this.#parts.D, others, this.#device)
      this.#sessions.set(others, session)
    }
    return session
  }
}

interface DirectionsOptions {
  readonly logits: DirectLogits | null
  /** Features that are held at once; as many as memory is meant for unless given. */
  readonly most?: number
}

/** x (B, D) of length 1, rows (N, D) and scale (N, 1), which makes them so → the greatest cosines (B, k) and with which. */
function openComparing(D: number, N: number, device: UsableDevice): Promise<Session<'values' | 'indices'>> {
  const graph = new Graph('directions')
  const rows = mul(graph.input('rows', 'float32', [N, D]), graph.input('scale', 'float32', [N, 1]))
  const cosines = gemm(graph.input('x', 'float32', ['B', D]), rows, { transposeB: true })
  const { values, indices } = topK(cosines, Math.min(N, NEIGHBOURS + 1))
  graph.output('values', values)
  graph.output('indices', cast(indices, 'int32'))
  return Session.open(encode(graph), { device, outputs: ['values', 'indices'] })
}

/** How long the rows (n, D) are. */
function normsOf(rows: Float32Array, D: number): Float32Array {
  return Float32Array.from({ length: rows.length / D }, (_, row) => {
    let squares = 0
    for (let at = row * D; at < (row + 1) * D; at++) squares += rows[at]! ** 2
    return Math.sqrt(squares)
  })
}

/** What makes rows of these norms as long as 1; a row of zeros stays. */
function inverted(norms: Float32Array): Float32Array {
  return norms.map((norm) => (norm > 0 ? 1 / norm : 0))
}

/** Rows (n, D) of length 1; a row of zeros stays. */
function divided(rows: Float32Array, norms: Float32Array): Float32Array {
  const D = rows.length / norms.length
  const scale = inverted(norms)
  return rows.map((value, at) => value * scale[Math.floor(at / D)]!)
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

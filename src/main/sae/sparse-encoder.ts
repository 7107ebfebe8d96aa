// Rows to sparse codes: which features fire in each row, and how strongly, rounded to float16 as indexes keep them.
// Letters: B rows, D width of the model, F features, k of a row.
import type { Device } from '../../shared/devices.ts'
import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'
import { cast } from '../onnx/ops/elementwise.ts'
import { Session } from '../onnx/session.ts'
import { tensor, type Tensor } from '../onnx/tensor.ts'
import { encodedRows, type SaeValues } from './inference.ts'
import type { Sae, SaeForm } from './sae.ts'
import { encoderShapes } from './sae-parts.ts'

/** Of n rows: the features of row r are those from `starts[r]` up to `starts[r + 1]`, ascending. */
export interface RowCodes {
  /** (n + 1) */
  readonly starts: Uint32Array
  readonly features: Uint32Array
  /** Above 0. */
  readonly values: Float16Array
}

/** What encodes rows, whichever way the SAE is held. */
export interface RowEncoder {
  readonly D: number
  readonly F: number
  /** x (n, D) for any n. */
  encode(x: Float32Array): Promise<RowCodes>
  close(): Promise<void>
}

/** Numbers that come out of one run: 64 MB of float32. */
const AT_ONCE = 2 ** 24
const MOST_ROWS = 2_048
/** Bytes of weights up to which they are part of the graph; what is larger is given with each run. */
const HELD = 2 ** 31 - 2 ** 24
/** The largest float16. */
const LARGEST = 65_504

/** Holds all of the SAE. */
export class SparseEncoder implements RowEncoder {
  readonly D: number
  readonly F: number
  /** Rows of a run. */
  readonly batch: number
  readonly #session: Session
  readonly #given: Readonly<Record<string, Tensor>>

  private constructor({ D, F }: Sae, session: Session, given: Readonly<Record<string, Tensor>>) {
    this.D = D
    this.F = F
    this.batch = Math.max(1, Math.min(MOST_ROWS, Math.floor(AT_ONCE / F)))
    this.#session = session
    this.#given = given
  }

  /** Rejects in onnxruntime's words where the device cannot. */
  static async open(sae: Sae, device: Device): Promise<SparseEncoder> {
    const shapes = encoderShapes(sae, sae.F)
    const bytes = shapes.reduce((sum, [name]) => sum + sae.tensors[name]!.byteLength, 0)
    if (bytes < HELD) return new SparseEncoder(sae, await openEncoding(sae, device, sae.tensors), {})
    const given = shapes.map(([name, shape]) => [name, tensor('float32', shape, sae.tensors[name]!)] as const)
    return new SparseEncoder(sae, await openEncoding(sae, device), Object.fromEntries(given))
  }

  /** x (n, D) for any n; at most `batch` rows run at once. */
  async encode(x: Float32Array): Promise<RowCodes> {
    const n = x.length / this.D
    const sink = new CodeSink(n)
    for (let from = 0; from < n; from += this.batch) {
      const count = Math.min(this.batch, n - from)
      const part = x.slice(from * this.D, (from + count) * this.D)
      const results = await this.#session.run({
        ...this.#given,
        x: tensor('float32', [count, this.D], part),
      })
      if (results.features) sink.dense(results.features.data as Float32Array, count)
      else sink.pairs(results.values!.data as Float32Array, results.indices!.data as Int32Array, count)
    }
    return sink.codes()
  }

  async close(): Promise<void> {
    await this.#session.close()
  }
}

/**
 * x (B, D) → features (B, F), or values and indices (B, k) of those that may be above 0; `tensors` become part of the
 * session, or without them are given with each run. Rejects in onnxruntime's words where the device cannot.
 */
export function openEncoding(form: SaeForm, device: Device, tensors?: Sae['tensors']): Promise<Session> {
  const graph = new Graph('sparse-encoder')
  const values: SaeValues = Object.fromEntries(
    encoderShapes(form, form.F).map(([name, shape]) => [
      name,
      tensors ? graph.constant(name, 'float32', shape, tensors[name]!) : graph.input(name, 'float32', shape),
    ]),
  )
  const codes = encodedRows(form, values, graph.input('x', 'float32', ['B', form.D]))
  const sparse = 'values' in codes
  if (sparse) {
    graph.output('values', codes.values)
    graph.output('indices', cast(codes.indices, 'int32'))
  } else graph.output('features', codes.features)
  return Session.open<string>(encode(graph), {
    device,
    outputs: sparse ? ['values', 'indices'] : ['features'],
  })
}

/** Gathers the codes of rows. */
export class CodeSink {
  readonly #starts: Uint32Array
  #features = new Uint32Array(1024)
  #values = new Float16Array(1024)
  #row = 0
  #length = 0

  constructor(rows: number) {
    this.#starts = new Uint32Array(rows + 1)
  }

  dense(features: Float32Array, rows: number): void {
    const F = features.length / rows
    for (let row = 0; row < rows; row++) {
      this.#reserve(F)
      for (let feature = 0, at = row * F; feature < F; feature++, at++) {
        if (features[at]! > 0) this.#add(feature, features[at]!)
      }
      this.#starts[++this.#row] = this.#length
    }
  }

  pairs(values: Float32Array, indices: Int32Array, rows: number): void {
    const k = values.length / rows
    for (let row = 0; row < rows; row++) {
      this.#reserve(k)
      const first = this.#length
      for (let at = row * k; at < (row + 1) * k; at++) {
        if (values[at]! > 0) this.#add(indices[at]!, values[at]!)
      }
      this.#sort(first)
      this.#starts[++this.#row] = this.#length
    }
  }

  /** The codes of the same rows for some features after the other, each told from the first of its own. */
  parts(parts: readonly RowCodes[], first: readonly number[]): void {
    const rows = parts[0]!.starts.length - 1
    for (let row = 0; row < rows; row++) {
      for (const [part, { starts, features, values }] of parts.entries()) {
        const [from, to] = [starts[row]!, starts[row + 1]!]
        this.#reserve(to - from)
        for (let at = from; at < to; at++) this.#add(first[part]! + features[at]!, values[at]!)
      }
      this.#starts[++this.#row] = this.#length
    }
  }

  codes(): RowCodes {
    return {
      starts: this.#starts,
      features: this.#features.slice(0, this.#length),
      values: this.#values.slice(0, this.#length),
    }
  }

  #add(feature: number, value: number): void {
    this.#features[this.#length] = feature
    this.#values[this.#length] = Math.min(value, LARGEST)
    // too small for float16 to tell from nothing
    if (this.#values[this.#length]! > 0) this.#length++
  }

  /** The codes from `first` on by feature; a row has few, nearly in order or not. */
  #sort(first: number): void {
    const [features, values] = [this.#features, this.#values]
    for (let at = first + 1; at < this.#length; at++) {
      const [feature, value] = [features[at]!, values[at]!]
      let place = at
      while (place > first && features[place - 1]! > feature) {
        features[place] = features[place - 1]!
        values[place] = values[place - 1]!
        place--
      }
      features[place] = feature
      values[place] = value
    }
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#features.length) return
    const size = Math.max(2 * this.#features.length, this.#length + more)
    const [features, values] = [new Uint32Array(size), new Float16Array(size)]
    features.set(this.#features)
    values.set(this.#values)
    this.#features = features
    this.#values = values
  }
}

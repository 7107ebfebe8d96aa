// Encodes rows with an SAE that is read from the disk some features at a time: the same memory whatever its width.
// Letters: D width of the model, F features, P features of a part, k of a row.
import type { Device } from '../../shared/devices.ts'
import type { Session } from '../onnx/session.ts'
import { release, tensor, type Tensor } from '../onnx/tensor.ts'
import { Greatest } from './greatest.ts'
import { encoderShapes, type SaeParts } from './sae-parts.ts'
import { CodeSink, openEncoding, type RowCodes, type RowEncoder, SparseEncoder } from './sparse-encoder.ts'

/** Numbers of a part's encoder, and of what comes out of one run: 16 and 64 MB of float32. */
const [WEIGHTS, AT_ONCE] = [2 ** 22, 2 ** 24]
/** Features of a part, of which 1,024 rows come out of a run: of fewer, choosing the greatest part by part takes longer. */
const MOST = 16_384

/**
 * Holds the SAE on a GPU, to which it would have to be copied for each run, and where its experts are chosen among all
 * (switch). `most` features are a part, as many as memory is meant for unless given. Rejects as reading does, and in
 * onnxruntime's words where the device cannot.
 */
export async function openEncoder(
  parts: SaeParts,
  device: Device,
  most = Math.max(1, Math.min(MOST, Math.floor(WEIGHTS / parts.D))),
): Promise<RowEncoder> {
  if (device.provider === 'cpu' && parts.architecture !== 'switch') {
    return new PartedEncoder(parts, device, most)
  }
  const { read, ...form } = parts
  const tensors: Record<string, Float32Array> = {}
  for (const [name] of encoderShapes(form, form.F)) tensors[name] = await read(name, 0, form.F)
  return SparseEncoder.open({ ...form, tensors }, device)
}

class PartedEncoder implements RowEncoder {
  readonly D: number
  readonly F: number
  readonly #parts: SaeParts
  readonly #device: Device
  /** The first feature of each part, and behind them F. */
  readonly #starts: readonly number[]
  /** By the features of a part, of which the last may have fewer. */
  readonly #sessions = new Map<number, Session>()

  constructor(parts: SaeParts, device: Device, most: number) {
    const { D, F } = parts
    this.D = D
    this.F = F
    this.#parts = parts
    this.#device = device
    const size = Math.ceil(F / Math.ceil(F / most))
    this.#starts = [...Array.from({ length: Math.ceil(F / size) }, (_, part) => part * size), F]
  }

  /** Reads all of the SAE once, however many rows there are. */
  async encode(x: Float32Array): Promise<RowCodes> {
    const { D, k } = this.#parts
    const n = x.length / D
    const greatest = k === undefined ? null : new Greatest(n, k)
    const found: RowCodes[] = []
    for (const [part, from] of this.#starts.slice(0, -1).entries()) {
      const count = this.#starts[part + 1]! - from
      const [weights, session] = [await this.#weights(from, count), await this.#session(count)]
      const codes = new CodeSink(n)
      const atOnce = Math.max(1, Math.floor(AT_ONCE / count))
      for (let first = 0; first < n; first += atOnce) {
        const rows = x.slice(first * D, Math.min(n, first + atOnce) * D)
        const given = tensor('float32', [rows.length / D, D], rows)
        const results = await session.run({ ...weights, x: given })
        if (greatest) {
          const [values, indices] = [
            results.values!.data as Float32Array,
            results.indices!.data as Int32Array,
          ]
          greatest.take(values, indices, { rows: rows.length / D, first, offset: from })
        } else codes.dense(results.features!.data as Float32Array, rows.length / D)
        release(rows, ...Object.values(results).map(({ data }) => data))
      }
      if (!greatest) found.push(codes.codes())
      release(...Object.values(weights).map(({ data }) => data))
    }
    const sink = new CodeSink(n)
    if (greatest) sink.pairs(greatest.values, greatest.indices, n)
    else sink.parts(found, this.#starts)
    return sink.codes()
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.close()
  }

  async #weights(from: number, count: number): Promise<Record<string, Tensor>> {
    const weights: Record<string, Tensor> = {}
    for (const [name, shape] of encoderShapes(this.#parts, count)) {
      weights[name] = tensor('float32', shape, await this.#parts.read(name, from, count))
    }
    return weights
  }

  async #session(count: number): Promise<Session> {
    const { k } = this.#parts
    let session = this.#sessions.get(count)
    if (!session) {
      const form = { ...this.#parts, F: count, ...(k !== undefined && { k: Math.min(k, count) }) }
      session = await openEncoding(form, this.#device)
      this.#sessions.set(count, session)
    }
    return session
  }
}

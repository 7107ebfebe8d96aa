// Reads the tensors of an SAE from a safetensors file as float32, held against the shapes they must have.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { expected } from '../../../shared/errors.ts'
import { readSafetensorsHeader, type SafetensorsHeader, type StoredTensor } from '../../llama/safetensors.ts'
import { truncated, withInputFile } from '../../llama/input-file.ts'
import { guarded } from '../../store/database.ts'

/** Places along one axis of a tensor. */
interface Part {
  readonly axis: 0 | 1
  readonly from: number
  readonly count: number
}

export class TensorFile {
  readonly path: string
  readonly #header: SafetensorsHeader

  private constructor(path: string, header: SafetensorsHeader) {
    this.path = path
    this.#header = header
  }

  /** Throws `disk/…`, `safetensors/…`, `checkpoint/truncated`. */
  static async open(path: string): Promise<TensorFile> {
    return new TensorFile(path, await readSafetensorsHeader(path))
  }

  has(name: string): boolean {
    return this.#header.tensors.has(name)
  }

  /** Throws `sae/missing-tensor`, `sae/wrong-shape`, `sae/wrong-type`, `disk/…`. */
  async read(name: string, shape: readonly number[]): Promise<Float32Array> {
    const { dtype, offset, length } = this.#checked(name, shape)
    const bytes = Uint8Array.from(await withInputFile(this.path, (file) => file.read(offset, length)))
    return this.#floats(name, dtype, bytes.buffer)
  }

  /**
   * `count` places from `from` on along an axis: of the first, rows that lie together; of the second, a piece of every
   * row. Throws as `read` does.
   */
  readPart(name: string, shape: readonly number[], { axis, from, count }: Part): Float32Array {
    const { dtype, offset, length } = this.#checked(name, shape)
    const pieces = axis === 0 ? 1 : shape[0]!
    const each = length / pieces / shape[axis]!
    const [stride, size] = [length / pieces, count * each]
    const bytes = new Uint8Array(pieces * size)
    guarded(this.path, () => {
      const file = openSync(this.path, 'r')
      try {
        for (let piece = 0; piece < pieces; piece++) {
          const at = offset + piece * stride + from * each
          for (let done = 0; done < size;) {
            const read = readSync(file, bytes, piece * size + done, size - done, at + done)
            if (read === 0)
              throw truncated(this.path, { offset: at, length: size, size: fstatSync(file).size })
            done += read
          }
        }
      } finally {
        closeSync(file)
      }
    })
    return this.#floats(name, dtype, bytes.buffer)
  }

  #checked(name: string, shape: readonly number[]): StoredTensor {
    const tensor = this.#header.tensors.get(name)
    if (!tensor) {
      throw expected(
        'sae/missing-tensor',
        `${this.path} has no ${name}; it has ${[...this.#header.tensors.keys()].slice(0, 8).join(', ')}.`,
        'The folder is incomplete, or of another format.',
      )
    }
    if (tensor.shape.join() !== shape.join()) {
      throw expected(
        'sae/wrong-shape',
        `${name} of ${this.path} is [${tensor.shape.join(', ')}], and its configuration says [${shape.join(', ')}].`,
        'Configuration and weights do not belong together.',
      )
    }
    return tensor
  }

  #floats(name: string, dtype: StoredTensor['dtype'], bytes: ArrayBuffer): Float32Array {
    switch (dtype) {
      case 'F32':
        return new Float32Array(bytes)
      case 'F16':
        return Float32Array.from(new Float16Array(bytes))
      case 'BF16': {
        // the upper half of a float32
        const bits = Uint32Array.from(new Uint16Array(bytes), (half) => half << 16)
        return new Float32Array(bits.buffer)
      }
      case 'F64':
        return Float32Array.from(new Float64Array(bytes))
      default:
        throw expected(
          'sae/wrong-type',
          `${name} of ${this.path} is stored as ${dtype}, and F32, F16, BF16 and F64 are read.`,
          'Save it as one of these.',
        )
    }
  }
}

/** A JSON file as an object. Throws `disk/…`, `sae/foreign`. */
export function objectOf(json: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>
  throw expected(
    'sae/foreign',
    `${path} is no configuration of an SAE: it is no object.`,
    'Choose the folder of an SAE.',
  )
}

/** A whole number of a configuration. Throws `sae/foreign`. */
export function wholeNumber(config: Readonly<Record<string, unknown>>, key: string, path: string): number {
  const value = config[key]
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  throw expected(
    'sae/foreign',
    `${path} does not say ${key}, a whole number above 0${value === undefined ? '' : ` (it says ${JSON.stringify(value)})`}.`,
    'It is no configuration of an SAE that is known here, or it is damaged.',
  )
}

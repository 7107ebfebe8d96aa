// Tensors that go into a run and come out of it, in memory or left on the device.
import { Tensor as OrtTensor } from 'onnxruntime-node'
import { type Dtype, dtypes, type TensorData } from './dtype.ts'

/** A tensor in memory. */
export interface Tensor {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** Bytes: Electron ends the process at an allocation of this size, wherever it is made. */
export const LARGEST_TENSOR = 2 ** 31 - 2 * 2 ** 20

/** The one place that keeps memory of one tensor or buffer below what Electron survives. */
export function assertFits(bytes: number, what: string): void {
  if (bytes < LARGEST_TENSOR) return
  throw new Error(
    `${what} takes ${bytes} bytes in one piece; a process survives less than ${LARGEST_TENSOR} only.`,
  )
}

export function byteSize(dtype: Dtype, shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1) * dtypes[dtype].bytes
}

/** `data` as it is, with its type and shape; throws when they do not belong together. */
export function tensor(dtype: Dtype, shape: readonly number[], data: TensorData): Tensor {
  const bytes = byteSize(dtype, shape)
  if (data.byteLength !== bytes) {
    throw new Error(`${dtype}[${shape.join(', ')}] takes ${bytes} bytes, and ${data.byteLength} were given.`)
  }
  return { dtype, shape, data }
}

/** A tensor that stays in a WebGPU buffer between runs; fed to the next run, or read with `readBack`. */
export class DeviceTensor {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly #tensor: OrtTensor

  constructor(tensor: OrtTensor) {
    this.dtype = tensor.type as Dtype
    this.shape = tensor.dims
    this.#tensor = tensor
  }

  /** For sessions alone: onnxruntime's own methods of reading it end the process. */
  get handle(): OrtTensor {
    return this.#tensor
  }

  /** Gives its memory back; it cannot be fed any more. */
  dispose(): void {
    this.#tensor.dispose()
  }
}

/** Gives the memory of arrays back at once, instead of when somebody collects garbage; they are empty then. */
export function release(...arrays: readonly ArrayBufferView[]): void {
  for (const { buffer } of arrays) (buffer as ArrayBuffer).transfer(0)
}

export function toOrt(value: Tensor | DeviceTensor, name: string): OrtTensor {
  if (value instanceof DeviceTensor) return value.handle
  const { dtype, shape, data } = value
  if (dtype === 'bfloat16') throw new Error(`${name}: bfloat16 cannot be fed; cast it inside the graph.`)
  assertFits(data.byteLength, `The tensor "${name}"`)
  // bool is held in bytes, like onnxruntime holds it
  const made = new OrtTensor(dtype as 'float32', data as Float32Array, [...shape])
  if (dtype === 'float16') {
    // the binding cannot take the array that the tensor's own class insists on; it reads `data` and takes the bits
    const bits = new Uint16Array(data.buffer, data.byteOffset, data.length)
    Object.defineProperty(made, 'data', { value: bits })
  }
  return made
}

export function fromOrt(value: OrtTensor): Tensor {
  return { dtype: value.type as Dtype, shape: value.dims, data: value.data as TensorData }
}

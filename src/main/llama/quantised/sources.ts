// Where quantised matrices come from: a checkpoint's blocks as they are, or its plain numbers, rounded.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../../shared/errors.ts'
import { explained } from '../../store/io-error.ts'
import { EMBEDDING, HEAD } from '../architecture.ts'
import type { Checkpoint, WeightTensor } from '../checkpoint.ts'
import { withInputFile } from '../input-file.ts'
import { BLOCKS } from '../model-files.ts'
import { readSafetensorsHeader, type StoredTensor } from '../safetensors.ts'
import { type Form, formOf, type Quantised, quantisedBlocks, quantisedFloats } from './forms.ts'

export interface MatrixSource {
  readonly rows: number
  readonly columns: number
  /** The narrowest form that holds it. */
  readonly form: Form
  /** `count` of its rows in `form`, its own or a wider one. */
  read(from: number, count: number, form: Form): Promise<Quantised>
}

export interface Sources {
  /** By Hugging Face's name. */
  matrix(name: string): MatrixSource
  vector(name: string): { readonly count: number; read(): Promise<Float32Array> }
  /** What decides the numbers, for telling whether they were prepared from these files. */
  readonly types: Readonly<Record<string, string>>
}

/** Throws what reading the files throws. */
export async function openSources(checkpoint: Checkpoint): Promise<Sources> {
  const { folder, weightsFolder, weights } = checkpoint
  const { tensors, types } = await readBlocks(folder)
  const path = (weight: WeightTensor) => join(weightsFolder, weight.file)
  const weightOf = (name: string) => {
    const weight = weights.get(name)
    if (!weight) throw new Error(`The checkpoint has no tensor "${name}".`)
    return weight
  }
  return {
    types,
    matrix: (name) => {
      const weight = weightOf(name)
      const [type, tensor] = [types[name], tensors.get(name)]
      return type === undefined || !tensor
        ? plainMatrix(path(weight), weight, plainForm(name, weight))
        : blockMatrix(join(folder, BLOCKS), weight, { type, tensor })
    },
    vector: (name) => {
      const weight = weightOf(name)
      const { dtype, shape, offset, length } = weight
      const read = async () => widened(dtype, await readBytes(path(weight), offset, length))
      return { count: shape[0]!, read }
    },
  }
}

/** Blocks of types that have a form; none where the checkpoint was plain numbers from the start. */
async function readBlocks(folder: string) {
  const names = await explained(folder, () => readdir(folder))
  if (!names.includes(BLOCKS)) return { tensors: new Map<string, StoredTensor>(), types: {} }
  const { tensors, metadata } = await readSafetensorsHeader(join(folder, BLOCKS))
  const types = JSON.parse(metadata.blocks ?? '{}') as Record<string, string>
  return { tensors, types: Object.fromEntries(Object.entries(types).filter(([, type]) => formOf(type))) }
}

function blockMatrix(
  path: string,
  weight: WeightTensor,
  { type, tensor }: { type: string; tensor: StoredTensor },
): MatrixSource {
  const [rows, columns] = weight.shape as [number, number]
  const rowBytes = tensor.length / rows
  return {
    ...{ rows, columns, form: formOf(type)! },
    read: async (from, count, form) =>
      quantisedBlocks(type, await readBytes(path, tensor.offset + from * rowBytes, count * rowBytes), form),
  }
}

/** Embedding and head decide every word, and get more bits. */
function plainForm(name: string, { shape }: WeightTensor): Form {
  const columns = shape[1]!
  if (columns % 16 !== 0) {
    throw expected(
      'quantised/width',
      `${name} has rows of ${columns} numbers, and weights of few bits come in blocks of 16.`,
      'Use the model in float32.',
    )
  }
  const block = columns % 32 === 0 ? 32 : 16
  return name === EMBEDDING || name === HEAD
    ? { bits: 8, block, offsets: false }
    : { bits: 4, block, offsets: true }
}

function plainMatrix(path: string, weight: WeightTensor, form: Form): MatrixSource {
  const [rows, columns] = weight.shape as [number, number]
  const rowBytes = weight.length / rows
  return {
    ...{ rows, columns, form },
    read: async (from, count, wanted) => {
      const bytes = await readBytes(path, weight.offset + from * rowBytes, count * rowBytes)
      return quantisedFloats(widened(weight.dtype, bytes), wanted)
    },
  }
}

/** A copy, because views of numbers want to begin at a multiple of their size. */
async function readBytes(path: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return await withInputFile(path, async (file) => {
    const bytes = new Uint8Array(length)
    await file.readInto(bytes, offset)
    return bytes
  })
}

function widened(dtype: WeightTensor['dtype'], { buffer }: Uint8Array<ArrayBuffer>): Float32Array {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer)
    case 'float16':
      return new Float32Array(new Float16Array(buffer))
    case 'bfloat16': {
      const narrow = new Uint16Array(buffer)
      const wide = new Uint32Array(narrow.length)
      for (let index = 0; index < narrow.length; index++) wide[index] = narrow[index]! << 16
      return new Float32Array(wide.buffer)
    }
  }
}

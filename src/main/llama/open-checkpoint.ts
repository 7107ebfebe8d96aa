// Opens a Hugging Face folder as a checkpoint: every tensor the architecture needs is found and checked before any use.
import { realpath } from 'node:fs/promises'
import { expected } from '../../shared/errors.ts'
import { explained } from '../store/io-error.ts'
import { EMBEDDING, HEAD, requiredTensors } from './architecture.ts'
import type { Checkpoint, WeightTensor } from './checkpoint.ts'
import { readConfig } from './config-json.ts'
import { readSafetensorsHeader, type StoredTensor } from './safetensors.ts'
import { commonFolder, findWeightFiles, relativePath, type WeightFiles } from './weight-files.ts'

/** The types the graphs read. */
const dtypes: Readonly<Record<string, WeightTensor['dtype'] | undefined>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
}

/**
 * Only headers are read. Throws one `MonoscopeError`: `config/…` (wrong architecture, wrong value), `safetensors/…` and
 * `checkpoint/…` (damaged, cut off, or a tensor that is missing, of the wrong shape or of a type that is not read).
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const config = await readConfig(folder)
  const found = await findWeightFiles(folder)
  const weightsFolder = commonFolder([...found.files.values()])
  const stored = await storedTensors(found, weightsFolder)
  const weights = new Map<string, WeightTensor>()
  let bytes = 0
  let parameters = 0
  for (const [name, shape] of requiredTensors(config)) {
    // some tools keep only the other name of an embedding that is also the head
    const kept = name === EMBEDDING && config.tiedHead && !stored.has(name) ? HEAD : name
    const weight = checkedWeight(kept, shape, stored.get(kept), found)
    weights.set(name, weight)
    bytes += weight.length
    parameters += shape.reduce((a, b) => a * b, 1)
  }
  const real = await explained(folder, () => realpath(folder))
  return { folder: real, weightsFolder, config, weights, bytes, parameters }
}

interface PlacedTensor extends StoredTensor {
  /** Relative to the weights' folder. */
  readonly file: string
}

async function storedTensors(found: WeightFiles, folder: string): Promise<ReadonlyMap<string, PlacedTensor>> {
  const all = new Map<string, PlacedTensor>()
  for (const [shard, path] of found.files) {
    const { tensors } = await readSafetensorsHeader(path)
    const file = relativePath(folder, path)
    for (const [name, tensor] of tensors) {
      if (!found.places || found.places.get(name) === shard) all.set(name, { ...tensor, file })
    }
  }
  return all
}

function checkedWeight(
  name: string,
  shape: readonly number[],
  tensor: PlacedTensor | undefined,
  found: WeightFiles,
): WeightTensor {
  if (!tensor) {
    const place = found.places?.get(name)
    throw expected(
      'checkpoint/missing-tensor',
      place === undefined
        ? `The weights have no ${name} (${sizes(shape)}), which config.json demands.`
        : `${place} has no ${name} (${sizes(shape)}), though the index says so and config.json demands it.`,
      'Check that config.json and the weights belong to the same model, and that all its files are there.',
    )
  }
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    throw expected(
      'checkpoint/wrong-shape',
      `${name} is ${sizes(tensor.shape)}, and config.json demands ${sizes(shape)}.`,
      'Check that config.json and the weights belong to the same model.',
    )
  }
  const dtype = dtypes[tensor.dtype]
  if (!dtype) {
    throw expected(
      'checkpoint/wrong-dtype',
      `${name} is stored as ${tensor.dtype}, and F32, F16 and BF16 are read.`,
      'Choose the original model (F32, F16 or BF16), or a GGUF file.',
    )
  }
  return { dtype, shape, file: tensor.file, offset: tensor.offset, length: tensor.length }
}

function sizes(shape: readonly number[]): string {
  return shape.length === 0 ? 'a single number' : shape.join(' × ')
}

// A checkpoint's weights as quantised products take them, prepared once in a safetensors file of their own.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { DataLocation } from '../../onnx/graph.ts'
import { AtomicFile } from '../../store/atomic.ts'
import { EMBEDDING, HEAD } from '../architecture.ts'
import type { Checkpoint, WeightTensor } from '../checkpoint.ts'
import { readSafetensorsHeader, type SafetensorsHeader } from '../safetensors.ts'
import type { Form, Quantised } from './forms.ts'
import { type MatrixSource, openSources, type Sources } from './sources.ts'

const FILE = 'int4.safetensors'
const VERSION = '1'

/** A matrix (rows, columns) where it lies. */
export interface StoredMatrix extends Form {
  readonly rows: number
  readonly columns: number
  /** uint8 (rows, columns/block, block·bits/8) */
  readonly numbers: DataLocation
  /** float32 (rows, columns/block) */
  readonly scales: DataLocation
  /** Likewise; null when the form has none. */
  readonly offsets: DataLocation | null
}

export interface QuantisedWeights {
  /** Where the file lies: what onnxruntime is told. */
  readonly folder: string
  /** By Hugging Face's names, "model.layers.0.self_attn.qkv_proj.weight" and "…mlp.gate_up_proj.weight" being several in one. */
  readonly matrices: ReadonlyMap<string, StoredMatrix>
  /** Norms and biases in float32, those of several matrices in one joined likewise. */
  readonly vectors: ReadonlyMap<string, WeightTensor>
}

/** Matrices of a block that take the same input are one, which is one product instead of several. */
const joined: Readonly<Record<string, readonly string[]>> = {
  'self_attn.qkv_proj': ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  'self_attn.o_proj': ['self_attn.o_proj'],
  'mlp.gate_up_proj': ['mlp.gate_proj', 'mlp.up_proj'],
  'mlp.down_proj': ['mlp.down_proj'],
}

interface PrepareOptions {
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

/**
 * The quantised weights in `folder`, which holds them from the first call on. Blocks of a GGUF file are kept as they are;
 * weights that are plain numbers are rounded, to 4 bits in the blocks and to 8 in embedding and head. Throws `disk/…`,
 * `quantised/…`, or what reading the checkpoint throws.
 */
export async function openQuantised(
  checkpoint: Checkpoint,
  folder: string,
  options: PrepareOptions = {},
): Promise<QuantisedWeights> {
  const source = fingerprint(checkpoint)
  const found = await readPrepared(folder, source)
  if (found) return found
  await using sources = await openSources(checkpoint)
  await prepare(checkpoint, sources, { path: join(folder, FILE), source, ...options })
  const made = await readPrepared(folder, source)
  if (!made) throw new Error(`${join(folder, FILE)} was written, and is not what was written.`)
  return made
}

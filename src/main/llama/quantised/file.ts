// A checkpoint's weights as quantised products take them, prepared once in a safetensors file of their own.
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { cancelled, MonoscopeError } from '../../../shared/errors.ts'
import { removeUnfinished } from '../../store/atomic.ts'
import { explained } from '../../store/io-error.ts'
import type { DataLocation } from '../../onnx/graph.ts'
import type { Checkpoint } from '../checkpoint.ts'
import { type PlannedTensor, SafetensorsWriter } from '../safetensors-writer.ts'
import { readSafetensorsHeader } from '../safetensors.ts'
import { emptyQuantised, type Form } from './forms.ts'
import { type MatrixPlan, planOf, type Plan } from './plan.ts'
import { openSources } from './sources.ts'

const FILE = 'int4.safetensors'
/** Of what the file holds; another one is prepared anew. */
const VERSION = 2
/** Numbers quantised at once. */
const CHUNK = 4 * 1024 * 1024

/** A matrix (rows, columns) where it lies. */
export interface StoredMatrix {
  readonly form: Form
  readonly rows: number
  readonly columns: number
  /** Rows of each module in it. */
  readonly parts: readonly number[]
  /** uint8 (rows, columns/block, block·bits/8) */
  readonly numbers: DataLocation
  /** float32 (rows, columns/block) */
  readonly scales: DataLocation
  /** float32 (columns/block, rows), as one row reads them fastest; null when the form has none. */
  readonly offsets: DataLocation | null
}

export interface QuantisedWeights {
  /** Where the file lies: what onnxruntime is told. */
  readonly folder: string
  /** By module; several that read the same x are one, "model.layers.0.mlp.gate_proj+up_proj". */
  readonly matrices: ReadonlyMap<string, StoredMatrix>
  /** Norms and biases in float32, by module likewise. */
  readonly vectors: ReadonlyMap<string, DataLocation>
}

export interface PrepareOptions {
  /** Numbers that are prepared, of all. */
  onProgress?(done: number, total: number): void
  /** Rejects with the error of cancelled work at the next megabytes. */
  readonly signal?: AbortSignal
}

/**
 * The quantised weights of a checkpoint, prepared in `folder` at the first call. Blocks of a GGUF file are kept number
 * for number; weights that are plain numbers are rounded, to 4 bits in the blocks, to 8 in embedding and head. Throws
 * `disk/…`, what reading the checkpoint throws, or the error of cancelled work.
 */
export async function openQuantised(
  checkpoint: Checkpoint,
  folder: string,
  options: PrepareOptions = {},
): Promise<QuantisedWeights> {
  const sources = await openSources(checkpoint)
  const plan = planOf(checkpoint.config, sources)
  const source = fingerprint(checkpoint, sources.types)
  const path = join(folder, FILE)
  if (!(await isPrepared(path, source))) await prepare(path, plan, source, options)
  const { tensors } = await readSafetensorsHeader(path)
  const place = (name: string): DataLocation => {
    const { offset, length } = tensors.get(name)!
    return { file: FILE, offset, length }
  }
  return {
    folder,
    matrices: new Map(
      plan.matrices.map(({ name, form, rows, columns, parts }) => [
        name,
        {
          ...{ form, rows, columns, parts: parts.map((part) => part.rows) },
          ...{ numbers: place(`${name}.numbers`), scales: place(`${name}.scales`) },
          offsets: form.offsets ? place(`${name}.offsets`) : null,
        },
      ]),
    ),
    vectors: new Map(plan.vectors.map(({ name }) => [name, place(name)])),
  }
}

/** Of what decides the prepared numbers: which tensors of which types, and where they lie. */
function fingerprint({ weights }: Checkpoint, types: Readonly<Record<string, string>>): string {
  const facts = JSON.stringify([VERSION, [...weights], types])
  return createHash('sha256').update(facts).digest('hex')
}

async function isPrepared(path: string, source: string): Promise<boolean> {
  try {
    const { metadata } = await readSafetensorsHeader(path)
    return metadata.source === source
  } catch (error) {
    // one that is missing, cut off or damaged is made again
    if (error instanceof MonoscopeError) return false
    throw error
  }
}

async function prepare(
  path: string,
  { vectors, matrices }: Plan,
  source: string,
  { onProgress, signal }: PrepareOptions,
): Promise<void> {
  // of a process that was killed while it prepared this
  await explained(path, () => removeUnfinished(dirname(path), FILE))
  const total = matrices.reduce((sum, { rows, columns }) => sum + rows * columns, 0)
  const tensors = [
    ...vectors.map(({ name, count }): PlannedTensor => ({ name, dtype: 'F32', shape: [count] })),
    ...matrices.flatMap(tensorsOf),
  ]
  const file = await SafetensorsWriter.create(path, tensors, { source })
  try {
    let done = 0
    for (const { read } of vectors) await file.write(bytesOf(await read()))
    for (const matrix of matrices) {
      for await (const count of writeMatrix(file, matrix)) {
        done += count
        onProgress?.(done, total)
        if (signal?.aborted) throw cancelled()
      }
    }
    await file.commit()
  } catch (error) {
    await file.abort()
    throw error
  }
}

function tensorsOf({ name, rows, columns, form: { bits, block, offsets } }: MatrixPlan): PlannedTensor[] {
  const perRow = columns / block
  const floats = (part: string, shape: readonly number[]): PlannedTensor => ({
    ...{ name: `${name}.${part}`, dtype: 'F32', shape },
  })
  return [
    { name: `${name}.numbers`, dtype: 'U8', shape: [rows, perRow, (block * bits) / 8] },
    floats('scales', [rows, perRow]),
    ...(offsets ? [floats('offsets', [perRow, rows])] : []),
  ]
}

/** Yields how many numbers it has written, again and again. */
async function* writeMatrix(
  file: SafetensorsWriter,
  { rows, columns, form, parts }: MatrixPlan,
): AsyncGenerator<number> {
  const { scales, offsets } = emptyQuantised(form, rows * columns)
  const step = Math.max(1, Math.floor(CHUNK / columns))
  const perRow = columns / form.block
  let at = 0
  for (const part of parts) {
    for (let row = 0; row < part.rows; row += step) {
      const count = Math.min(step, part.rows - row)
      const some = await part.read(row, count, form)
      await file.write(some.numbers)
      scales.set(some.scales, at * perRow)
      for (const [index, offset] of some.offsets.entries()) {
        offsets[(index % perRow) * rows + at + Math.floor(index / perRow)] = offset
      }
      at += count
      yield count * columns
    }
  }
  await file.write(bytesOf(scales))
  await file.write(bytesOf(offsets))
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

// The state of a training run on disk: everything, whole or not at all, the newest two kept.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { RowPosition } from '../activations/row-source.ts'
import type { SaeCheckpoint } from '../../shared/saes.ts'
import { readSafetensorsHeader } from '../llama/safetensors.ts'
import { SafetensorsWriter } from '../llama/safetensors-writer.ts'
import { withInputFile } from '../llama/input-file.ts'
import type { Dtype } from '../onnx/dtype.ts'
import { type Tensor, tensor } from '../onnx/tensor.ts'

export interface TrainingCheckpoint {
  /** Steps that are done. */
  readonly step: number
  readonly position: RowPosition
  /** Rows are multiplied by this before they are trained on. */
  readonly scale: number
  /** Batches that were handed out: rows → how many. */
  readonly batches: { readonly train: Batches; readonly validation: Batches }
  readonly state: Readonly<Record<string, Tensor>>
}
export type Batches = Readonly<Record<string, number>>

const KEPT = 2
const name = (step: number) => `step-${String(step).padStart(9, '0')}.safetensors`
const pattern = /^step-(\d{9})\.safetensors$/
const files = { F32: 'float32', F16: 'float16' } as const satisfies Record<string, Dtype>

/** Throws `disk/…`; what was there before is kept until the new one is in place. */
export async function writeCheckpoint(
  folder: string,
  { state, ...facts }: TrainingCheckpoint,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const tensors = Object.entries(state)
  const writer = await SafetensorsWriter.create(
    join(folder, name(facts.step)),
    tensors.map(([name, { dtype, shape }]) => ({ name, dtype: dtype === 'float16' ? 'F16' : 'F32', shape })),
    { checkpoint: JSON.stringify(facts) },
  )
  for (const [, { data }] of tensors) {
    await writer.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  await writer.commit()
  for (const old of (await steps(folder)).slice(KEPT)) await rm(join(folder, name(old)), { force: true })
}

/**
 * Of each folder its checkpoint of the newest step that is whole in all; newer ones are removed. Null when there is
 * none yet. Throws `sae/checkpoint` when there are some and nothing can be continued from.
 */
export async function readCommon(folders: readonly string[]): Promise<TrainingCheckpoint[] | null> {
  const found = await Promise.all(folders.map(steps))
  const common = found[0]!.filter((step) => found.every((list) => list.includes(step)))
  for (const step of common) {
    const checkpoints = await Promise.all(folders.map((folder) => read(join(folder, name(step))))).catch(
      () => null,
    )
    if (!checkpoints) continue
    await removeAfter(step, folders, found)
    return checkpoints
  }
  // the very first was being written, of the one after the other
  if (found.some((list) => list.length === 0) && found.every((list) => list.length < KEPT)) {
    await removeAfter(0, folders, found)
    return null
  }
  throw expected(
    'sae/checkpoint',
    `None of the checkpoints in ${folders.join(', ')} can be continued from.`,
    'Start the training again; the harvest is not touched.',
  )
}

/** Those that are there, the newest first, as their files tell: they are not opened. */
export async function listCheckpoints(folder: string): Promise<SaeCheckpoint[]> {
  const found = (await steps(folder)).map(async (step) => {
    const path = join(folder, name(step))
    // a newer one may take its place meanwhile
    const stats = await stat(path).catch(() => null)
    return stats ? [{ step, at: stats.mtimeMs, bytes: stats.size, path }] : []
  })
  return (await Promise.all(found)).flat()
}

/** What is kept are the newest: what nothing was continued from must not be among them. */
async function removeAfter(
  step: number,
  folders: readonly string[],
  found: readonly (readonly number[])[],
): Promise<void> {
  for (const [index, folder] of folders.entries()) {
    for (const newer of found[index]!.filter((one) => one > step)) await rm(join(folder, name(newer)))
  }
}

/** Newest first. */
async function steps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .flatMap((one) => pattern.exec(one)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)
}

async function read(path: string): Promise<TrainingCheckpoint> {
  const { tensors, metadata } = await readSafetensorsHeader(path)
  const facts = JSON.parse(metadata.checkpoint ?? 'null') as Omit<TrainingCheckpoint, 'state'>
  const state: Record<string, Tensor> = {}
  for (const [name, { dtype, shape, offset, length }] of tensors) {
    const bytes = await withInputFile(path, (file) => file.read(offset, length))
    const buffer = Uint8Array.from(bytes).buffer
    const data = dtype === 'F16' ? new Float16Array(buffer) : new Float32Array(buffer)
    state[name] = tensor(files[dtype as keyof typeof files], shape, data)
  }
  return { ...facts, state }
}

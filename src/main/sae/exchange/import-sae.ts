// Brings the folder of an SAE into the workspace: read in whichever format it is, and kept as SAELens 6 writes it.
import { copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../store/atomic.ts'
import { needSpace } from '../../store/free-space.ts'
import { explained } from '../../store/io-error.ts'
import { readRun } from '../run-facts.ts'
import { type Sae, tensorShapes } from '../sae.ts'
import { EVALUATION, METRICS, RUNNER, SPARSITY } from '../sae-folder.ts'
import { writeSae } from '../write-sae.ts'
import { readSaeFolder, type SaeFormat } from './read-sae.ts'

const IMPORTED = 'imported.json'
/** What SAELens or Monoscope keeps beside the weights, and is taken along as it is. */
const BESIDE = [RUNNER, SPARSITY]
/** What only our own training leaves; files of these names from elsewhere are something else. */
const OURS = [METRICS, EVALUATION]
const FLOAT = 4

const originSchema = z.object({
  name: z.string(),
  format: z.enum(['SAELens', 'sparsify', 'Llama Scope']),
  /** The folder it was read from. */
  from: z.string(),
})
export type Origin = z.infer<typeof originSchema>

export interface Imported {
  readonly sae: Sae
  readonly format: SaeFormat
  readonly name: string
}

/**
 * `target` is the folder it gets; what an earlier attempt left there is replaced. Its numbers are kept as float32, which
 * holds float16 and bfloat16 without loss. Throws what `readSaeFolder` does, and `disk/…`; there is no SAE then.
 */
export async function importSae(
  source: string,
  target: string,
  { name = basename(source) }: { readonly name?: string | undefined } = {},
): Promise<Imported> {
  const { sae, format } = await readSaeFolder(source)
  const run = await readRun(source)
  await explained(target, () => rm(target, { recursive: true, force: true }))
  await explained(target, () => mkdir(target, { recursive: true }))
  await needSpace(target, weightBytes(sae))
  for (const file of run ? [...BESIDE, ...OURS] : BESIDE) {
    const path = join(source, file)
    const isFile = await stat(path).then(
      (stats) => stats.isFile(),
      () => false,
    )
    if (isFile) await explained(path, () => copyFile(path, join(target, file)))
  }
  const origin: Origin = { name, format, from: source }
  await writeFileAtomic(join(target, IMPORTED), `${JSON.stringify(origin, undefined, 2)}\n`)
  // last: its configuration says that it is whole
  await writeSae(target, sae, null)
  return { sae, format, name }
}

/** Null for an SAE that was not imported. */
export async function readOrigin(folder: string): Promise<Origin | null> {
  const text = await readFile(join(folder, IMPORTED), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return originSchema.parse(JSON.parse(text))
  } catch {
    // where it came from is no reason not to use it
    return null
  }
}

function weightBytes(sae: Sae): number {
  const shapes = Object.values(tensorShapes(sae.architecture, sae))
  return FLOAT * shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0)
}

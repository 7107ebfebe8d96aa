// `model.json`: what a model's folder says of itself, written last, so that a folder without it is no model yet.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../../shared/errors.ts'
import { type Manifest, manifestSchema, type ModelFile } from '../../../shared/models.ts'
import { writeFileAtomic } from '../../store/atomic.ts'
import { explained } from '../../store/io-error.ts'
import type { Checkpoint } from '../checkpoint.ts'

export const MANIFEST = 'model.json'

/** Throws `disk/…`, or `models/manifest` when it is damaged or of a newer version. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST)
  const text = await explained(path, () => readFile(path, 'utf8'))
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (error) {
    throw expected(
      'models/manifest',
      `${path} is damaged, or was written by a newer Monoscope.`,
      'Import the model again, or update Monoscope.',
      error,
    )
  }
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** One hash of several files, by their own hashes and names. */
export function contentHash(files: readonly Pick<ModelFile, 'name' | 'sha256'>[]): string {
  const hash = createHash('sha256')
  for (const { sha256, name } of files) hash.update(`${sha256}  ${name}\n`)
  return hash.digest('hex')
}

/** What a person decided of a model, and where it came from. */
export type Provenance = Pick<Manifest, 'name' | 'origin' | 'linkedTo' | 'licence'>

/** The manifest of `checkpoint`, whose config.json and weights are `files`. */
export function manifestOf(
  { config, weights, bytes, parameters }: Checkpoint,
  files: readonly ModelFile[],
  provenance: Provenance,
): Manifest {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
  const { rope, normEpsilon: _epsilon, bosId: _bos, eosIds: _eos, ...sizes } = config
  return {
    format: 1,
    kind: 'model',
    ...provenance,
    importedAt: Date.now(),
    hash: contentHash(sorted),
    files: sorted,
    architecture: { family: 'llama', ...sizes, rope: { kind: rope.kind, theta: rope.theta } },
    parameters,
    bytes,
    dtypes: [...new Set([...weights.values()].map(({ dtype }) => dtype))].sort(),
  }
}

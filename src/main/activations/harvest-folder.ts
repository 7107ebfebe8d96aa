// The folder of a harvest: its manifest, and which harvest of a workspace is meant.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { type HarvestManifest, harvestManifestSchema } from '../../shared/harvest.ts'
import { resolveArtifact } from '../store/artifact.ts'
import { explained } from '../store/io-error.ts'

export const MANIFEST = 'manifest.json'
/** What was fixed before the first row; there until the manifest is. */
export const BEGUN = 'begun.json'
export const INDEX = 'index.sqlite'

/** Whether a harvest in the folder came to its end. */
export async function isFinished(folder: string): Promise<boolean> {
  return (await stat(join(folder, MANIFEST)).catch(() => null)) !== null
}

/** Throws `harvest/unknown`, `harvest/unfinished`, `harvest/foreign`, `disk/…`. */
export async function readHarvest(folder: string): Promise<HarvestManifest> {
  const path = join(folder, MANIFEST)
  if (!(await stat(folder).catch(() => null))) {
    throw expected(
      'harvest/unknown',
      `There is no harvest in ${folder}: it was deleted or moved.`,
      'Harvest again with the same model and layer; commands take another harvest by --harvest.',
    )
  }
  if (!(await isFinished(folder))) {
    throw expected(
      'harvest/unfinished',
      `${folder} holds no finished harvest: it has no ${MANIFEST}.`,
      'Let its job end, or resume it.',
    )
  }
  const text = await explained(path, () => readFile(path, 'utf8'))
  try {
    return harvestManifestSchema.parse(JSON.parse(text))
  } catch (error) {
    throw expected(
      'harvest/foreign',
      `${path} is no manifest of a harvest that this Monoscope knows.`,
      'It may be damaged, or of a newer version.',
      error,
    )
  }
}

/** The folder of the harvest that `text` means: an id, a unique prefix of one, or a path. Throws `harvest/unknown`, `harvest/ambiguous`. */
export async function resolveHarvest(harvests: string, text: string): Promise<string> {
  return resolveArtifact(harvests, text, 'harvest')
}

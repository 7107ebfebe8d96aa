// The folder of a harvest: its manifest, and which harvest of a workspace is meant.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { type HarvestManifest, harvestManifestSchema } from '../../shared/harvest.ts'
import { explained } from '../store/io-error.ts'

export const MANIFEST = 'manifest.json'

/** Throws `harvest/unfinished`, `harvest/foreign`, `disk/…`. */
export async function readHarvest(folder: string): Promise<HarvestManifest> {
  const path = join(folder, MANIFEST)
  if (!(await stat(path).catch(() => null))) {
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
  if (/[/\\]/.test(text) || text.startsWith('.')) return resolve(text)
  const ids = (await explained(harvests, () => readdir(harvests))).filter((id) => id.startsWith(text))
  const [id] = ids.includes(text) ? [text] : ids
  if (id === undefined || text === '') {
    throw expected(
      'harvest/unknown',
      `There is no harvest "${text}".`,
      'The jobs that harvested say the ids of theirs; a path works as well.',
    )
  }
  if (ids.length > 1 && id !== text) {
    throw expected(
      'harvest/ambiguous',
      `${ids.length} harvests begin with "${text}".`,
      'Give more of the id.',
    )
  }
  return join(harvests, id)
}

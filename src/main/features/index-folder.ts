// Names of the files in an index of features, and where it lies.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'

/** Of what is written; an index of another is built anew. */
export const INDEX_FORMAT = 1
export const MANIFEST = 'manifest.json'
/** What an index under way is made of; another attempt goes on where that is the same. */
export const BEGUN = 'begun.json'
export const DATABASE = 'features.sqlite'
/** All features, a row each. */
export const TABLE = 'features.arrow'
/** All contexts that were indexed, by number. */
export const CONTEXTS = 'contexts.arrow'
/** What is sorted, while that is under way. */
export const SPILL = 'spill'
/** Of the files of numbers, in the format of the command sha256sum. */
export const CHECKSUMS = 'SHA256SUMS'
export const RESERVE = 'reserve'
export const LOCK = 'lock'

const numbered = (name: string, number: number) => `${name}-${String(number).padStart(5, '0')}.arrow`
/** Codes row by row, and the rows they belong to; one of each for a shard of the harvest. */
export const codesFile = (shard: number): string => numbered('codes', shard)
export const rowsFile = (shard: number): string => numbered('rows', shard)
/** Contexts by feature; one for each bucket of neighbouring features. */
export const firingsFile = (bucket: number): string => numbered('firings', bucket)

/** The folder of the indexes of an SAE. */
export function indexesOf(sae: string): string {
  return join(sae, 'indexes')
}

/** Where an index is built, beside the one that is used until then. */
export function workFolder(sae: string, harvest: string): string {
  return join(indexesOf(sae), `.${harvest}.building`)
}

/** Throws `features/damaged` where a file is missing without which nothing of an index can be read. */
export async function assertWhole(folder: string): Promise<void> {
  for (const name of [DATABASE, TABLE, CONTEXTS]) {
    if (await stat(join(folder, name)).catch(() => null)) continue
    throw expected(
      'features/damaged',
      `The index in ${folder} is damaged: ${name} is missing.`,
      'Build it again.',
    )
  }
}

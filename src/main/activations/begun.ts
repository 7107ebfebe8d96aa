// What a harvest fixes before its first row is written, so that another attempt goes on with the same.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import { BEGUN } from './harvest-folder.ts'
import type { Calibration } from './split.ts'

export interface Begun {
  readonly config: HarvestConfig
  readonly hash: string
  readonly calibration: Calibration
  /** Ids of special tokens. */
  readonly special: readonly number[]
}

/** What an earlier attempt fixed; null when there was none. Throws `harvest/other` when that was another harvest. */
export async function readBegun(folder: string, config: HarvestConfig, hash: string): Promise<Begun | null> {
  const path = join(folder, BEGUN)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const begun = JSON.parse(text) as Begun
  if (begun.hash === hash && JSON.stringify(begun.config) === JSON.stringify(config)) return begun
  throw expected(
    'harvest/other',
    `${folder} holds a harvest of another model or with another configuration.`,
    'Start a new harvest; the one that is there can be deleted.',
  )
}

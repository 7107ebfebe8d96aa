// What a harvest fixes before its first row is written, so that another attempt goes on with the same.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { HarvestConfig, HarvestManifest } from '../../shared/harvest.ts'
import { BEGUN, isFinished, readHarvest } from './harvest-folder.ts'
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
  assertSame(folder, begun, { config, hash })
  return begun
}

/** What an attempt wrote that died after its manifest; null when none came so far. Throws `harvest/other`. */
export async function readFinished(
  folder: string,
  config: HarvestConfig,
  hash: string,
): Promise<HarvestManifest | null> {
  if (!(await isFinished(folder))) return null
  const manifest = await readHarvest(folder)
  assertSame(folder, { config: manifest.config, hash: manifest.model.hash }, { config, hash })
  return manifest
}

function assertSame(folder: string, there: Pick<Begun, 'config' | 'hash'>, wanted: typeof there): void {
  const { config, hash } = wanted
  if (there.hash === hash && JSON.stringify(there.config) === JSON.stringify(config)) return
  throw expected(
    'harvest/other',
    `${folder} holds a harvest of another model or with another configuration.`,
    'Start a new harvest; the one that is there can be deleted.',
  )
}

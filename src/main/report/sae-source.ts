// What is needed to make an SAE again that a report tells of: its training, and the harvests it was indexed on.
import { basename } from 'node:path'
import type { IndexManifest } from '../../shared/features.ts'
import { readHarvest } from '../activations/harvest-folder.ts'
import { readRun } from '../sae/run-facts.ts'

/** Of the SAE in `folder`, with the indexes that the report has read. */
export async function saeSource(folder: string, indexes: readonly IndexManifest[]): Promise<unknown> {
  return {
    sae: basename(folder),
    training: await readRun(folder),
    indexes: await Promise.all(
      indexes.map(async ({ model, harvest, rows, contexts, share, sae }) => ({
        ...{ model, harvest: harvest.id, rows, contexts, share, saeHash: sae.hash },
        harvestFacts: await harvestFacts(harvest.path),
      })),
    ),
  }
}

/** The manifest of the harvest, which may be gone. */
async function harvestFacts(folder: string): Promise<unknown> {
  try {
    // which documents were left out is in the harvest; how many and why, in its ledger
    const { model, config, calibration, ledger } = await readHarvest(folder)
    return { model, config, calibration, ledger }
  } catch {
    return 'The harvest is not here any more.'
  }
}

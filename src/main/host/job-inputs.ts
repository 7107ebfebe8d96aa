// What a job reads, as far as its parameters tell: they may name it, or leave it to the SAE.
import { basename, join, resolve } from 'node:path'
import type { Job } from '../../shared/jobs/job.ts'
import { resolveHarvest } from '../activations/harvest-folder.ts'
import { whichIndex } from '../features/which-index.ts'
import { readRun } from '../sae/run-facts.ts'
import { resolveArtifact } from '../store/artifact.ts'
import type { Workspace } from '../store/workspace.ts'

/** The folder of the SAE that a job is given; null for one that is given none, or one that is not there. */
export async function saeReadBy({ saes }: Pick<Workspace, 'saes'>, { params }: Job): Promise<string | null> {
  const { sae } = params
  if (typeof sae !== 'string') return null
  return resolveArtifact(saes, sae, 'sae').catch(() => null)
}

/**
 * The folder of the harvest that a job reads: that which it is given, else that which its SAE was trained on, or whose
 * index it verifies. Null for one that reads none, or where nobody can tell.
 */
export async function harvestReadBy(
  workspace: Pick<Workspace, 'harvests' | 'saes'>,
  job: Job,
): Promise<string | null> {
  const { kind, params } = job
  if (typeof params.harvest === 'string') {
    return resolveHarvest(workspace.harvests, params.harvest).catch(() => null)
  }
  const sae = await saeReadBy(workspace, job)
  if (sae === null) return null
  if (kind === 'verify-index') {
    const index = await whichIndex(sae, undefined).catch(() => null)
    return index && join(workspace.harvests, basename(index))
  }
  if (kind !== 'index' && kind !== 'evaluate') return null
  const run = await readRun(sae).catch(() => null)
  return run?.harvest ? resolve(run.harvest.path) : null
}

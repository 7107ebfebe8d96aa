// The job that verifies an index of features.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { readHarvest } from '../activations/harvest-folder.ts'
import { readIndexManifest } from '../features/feature-index.ts'
import { verifyIndex, verifyIndexSteps } from '../features/verify-index.ts'
import { whichIndex } from '../features/which-index.ts'
import { openSaeFolder } from '../sae/exchange/read-sae.ts'
import { hashSae } from '../sae/sae-hash.ts'
import { resolveArtifact } from '../store/artifact.ts'
import { chosenDevice } from './device.ts'
import type { JobContext } from './job-runner.ts'

export async function verifyFeatures(
  params: JobParams<'verify-index'>,
  context: JobContext,
): Promise<JobResult<'verify-index'>> {
  const device = chosenDevice(context)
  const { workspace, progress } = context
  const sae = await resolveArtifact(workspace.saes, params.sae, 'sae')
  const folder = await whichIndex(sae, params.harvest)
  const { harvest } = await readIndexManifest(folder)
  // a workspace that was copied has its own
  const here = join(workspace.harvests, harvest.id)
  const source = existsSync(here) ? here : harvest.path
  const verified = await verifyIndex({
    ...{ folder, device, saeHash: await hashSae(sae), sae: await openSaeFolder(sae) },
    harvest: { folder: source, manifest: await readHarvest(source) },
    onProgress: async (step, done, total) => {
      progress.working(step, verifyIndexSteps[step], done, total)
      await context.checkpoint()
    },
  })
  if (verified.checksums === null) {
    context.log('warn', 'It was indexed before there were checksums, so its files were not held against any.')
  }
  return { ok: true, sae: basename(sae), harvest: harvest.id, ...verified }
}

// The job that verifies a harvest.
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { verifyHarvest } from '../activations/verify-harvest.ts'
import { hashCheckpoint, resolveModel } from '../llama/library/library.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { chosenDevice } from './device.ts'
import type { JobContext } from './job-runner.ts'

export async function verifyFolder(
  { harvest: wanted, model }: JobParams<'verify'>,
  context: JobContext,
): Promise<JobResult<'verify'>> {
  const device = chosenDevice(context)
  const folder = await resolveHarvest(context.workspace.harvests, wanted)
  const manifest = await readHarvest(folder)
  const resolved = await resolveModel(context.workspace.models, model ?? manifest.config.model)
  const hash = resolved.hash ?? (await hashCheckpoint(resolved.folder))
  if (hash !== manifest.model.hash) {
    throw expected(
      'verify/other-model',
      `${resolved.name} is not the model of this harvest: its hash is ${hash}, and the harvest's ${manifest.model.hash}.`,
      'Name the model it was harvested from, with --model.',
    )
  }
  const verified = await verifyHarvest({
    ...{ folder, manifest, device },
    checkpoint: await openCheckpoint(resolved.folder),
    onProgress: async (done, total) => {
      context.progress.working('Verifying', 'shards', done, total)
      await context.checkpoint()
    },
  })
  return { ok: true, ...verified }
}

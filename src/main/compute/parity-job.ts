// The job that compares a model's numbers with those of transformers.
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { readGolden } from '../llama/golden.ts'
import { resolveModel } from '../llama/library/library.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { checkParity } from '../llama/parity.ts'
import { precisionOn } from '../llama/precision.ts'
import { chosenDevice } from './device.ts'
import type { JobContext } from './job-runner.ts'

export async function compareWithReference(
  { model, golden, precision: wanted }: JobParams<'parity'>,
  context: JobContext,
): Promise<JobResult<'parity'>> {
  const device = chosenDevice(context)
  const precision = wanted === 'auto' ? precisionOn(device) : wanted
  const { folder } = await resolveModel(context.workspace.models, model)
  const parity = await checkParity(await openCheckpoint(folder), await readGolden(golden), {
    ...{ device, precision },
    onProgress: async (done, total) => {
      context.progress.working('Comparing', 'tensors', done, total)
      await context.checkpoint()
    },
  })
  return { device: device.name, precision, ...parity }
}

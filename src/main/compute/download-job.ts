// The job that fetches a model from the Hugging Face Hub.
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { downloadModel } from '../llama/library/download.ts'
import type { JobContext } from './job-runner.ts'
import { stoppable } from './model-work.ts'

export function fetchModel(
  params: JobParams<'download'>,
  context: JobContext,
): Promise<JobResult<'download'>> {
  const { hub } = context
  if (!hub) throw new Error('The host did not say where the Hub is.')
  return stoppable(context, (work) => downloadModel(params, hub, work))
}

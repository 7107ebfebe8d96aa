// The job that copies an SAE out of the workspace.
import { resolve } from 'node:path'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { exportSae } from '../sae/exchange/export-sae.ts'
import { resolveArtifact } from '../store/artifact.ts'
import type { JobContext } from './job-runner.ts'

export async function copyOut(
  params: JobParams<'export'>,
  context: JobContext,
): Promise<JobResult<'export'>> {
  const source = await resolveArtifact(context.workspace.saes, params.sae, 'sae')
  const path = resolve(params.destination)
  const bytes = await exportSae(source, path, {
    onProgress: (done, total) => context.progress.working('Copying', 'bytes', done, total),
    checkpoint: () => context.checkpoint(),
  })
  return { path, bytes }
}

// The job that indexes the features of an SAE.
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import type { JobContext } from './runner.ts'

export function indexFeatures(
  _params: JobParams<'index'>,
  _context: JobContext,
): Promise<JobResult<'index'>> {
  return Promise.reject(expected('features/none', 'Features cannot be indexed by this version.'))
}

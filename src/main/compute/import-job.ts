// The job that brings a model or an SAE into the workspace: it is told which it is, or sees by its files.
import { basename, join, resolve } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { importModel } from '../llama/library/import.ts'
import { importSae } from '../sae/exchange/import-sae.ts'
import { looksLikeSae } from '../sae/exchange/read-sae.ts'
import { folderBytes } from '../store/folder.ts'
import type { JobContext } from './job-runner.ts'
import { stoppable } from './model-work.ts'

/** A model, or an SAE: whichever it is, where the parameters do not say. */
export async function bringIn(
  params: JobParams<'import'>,
  context: JobContext,
): Promise<JobResult<'import'>> {
  const isSae = params.as === 'auto' ? await looksLikeSae(resolve(params.path)) : params.as === 'sae'
  if (isSae) return bringInSae(params, context)
  return stoppable(context, (work) => importModel(params, work))
}

async function bringInSae(
  { path, name, link }: JobParams<'import'>,
  context: JobContext,
): Promise<JobResult<'import'>> {
  if (link) {
    throw expected(
      'import/sae-link',
      'An SAE cannot be left where it is: it is kept in one layout, whichever program wrote it.',
      'Import it without a link, or name its folder by path where an SAE is asked for.',
    )
  }
  // the SAE of a job has the job's id, so that another attempt finds it
  const id = basename(context.folder)
  const target = join(context.workspace.saes, id)
  context.progress.working('Copying', 'SAEs', 0, 1)
  const { sae, format, name: called } = await importSae(resolve(path), target, { name })
  const bytes = await folderBytes(target)
  context.progress.working('Copying', 'SAEs', 1, 1)
  context.artifact({ kind: 'sae', path: target, bytes })
  context.log('info', `Read as a folder of ${format}.`)
  const said = (key: string) => (typeof sae.metadata[key] === 'string' ? sae.metadata[key] : null)
  return {
    ...{ id, kind: 'sae', architecture: sae.architecture, name: called, format },
    ...{ directions: sae.D, features: sae.F, model: said('model_name'), hook: said('hook_name') },
    ...{ path: target, bytes },
  }
}

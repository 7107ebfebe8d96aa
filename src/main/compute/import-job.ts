// The jobs that bring models into the workspace, from this machine and from the Hugging Face Hub; an SAE is told from a model.
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { resolve } from 'node:path'
import { downloadModel } from '../llama/library/download.ts'
import { importModel } from '../llama/library/import.ts'
import type { Work } from '../llama/library/work.ts'
import { type JobContext, stopSignal } from './runner.ts'
import { bringInSae, looksLikeSae } from './sae-folders.ts'

/** A model, or an SAE: whichever it is, where the parameters do not say. */
export async function bringIn(
  params: JobParams<'import'>,
  context: JobContext,
): Promise<JobResult<'import'>> {
  const isSae = params.as === 'auto' ? await looksLikeSae(resolve(params.path)) : params.as === 'sae'
  if (isSae) return bringInSae(params, context)
  return stoppable(context, (work) => importModel(params, work))
}

export function fetchModel(
  params: JobParams<'download'>,
  context: JobContext,
): Promise<JobResult<'download'>> {
  const { hub } = context
  if (!hub) throw new Error('The host did not say where the Hub is.')
  return stoppable(context, (work) => downloadModel(params, hub, work))
}

/** Runs `work` with a signal; what fails because it was asked to stop counts as stopped. */
async function stoppable<T>(context: JobContext, work: (work: Work) => Promise<T>): Promise<T> {
  const { folder, workspace, progress } = context
  const stop = stopSignal(context)
  try {
    return await work({
      ...{ folder, models: workspace.models, progress, signal: stop.signal },
      checkpoint: () => context.checkpoint(),
      log: (level, text) => context.log(level, text),
    })
  } catch (error) {
    if (context.stopping) await context.checkpoint()
    throw error
  } finally {
    stop.end()
  }
}

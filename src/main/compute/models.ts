// The jobs that bring models into the workspace: from this machine, and from the Hugging Face Hub.
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { downloadModel } from '../llama/library/download.ts'
import { importModel } from '../llama/library/import.ts'
import type { Work } from '../llama/library/work.ts'
import { type JobContext, stopSignal } from './runner.ts'

export function bringIn(params: JobParams<'import'>, context: JobContext): Promise<JobResult<'import'>> {
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

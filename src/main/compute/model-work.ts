// Bringing in a model as a job does it: with its progress, and a signal that says when to stop.
import type { Work } from '../llama/library/work.ts'
import { type JobContext, stopSignal } from './job-runner.ts'

/** Runs `work` with a signal; what fails because it was asked to stop counts as stopped. */
export async function stoppable<T>(context: JobContext, work: (work: Work) => Promise<T>): Promise<T> {
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

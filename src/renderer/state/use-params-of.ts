// What a job was asked to do, to begin a form with.
import { useCall } from './use-call.ts'

/** Undefined until it is known; nothing where no job is named, or it is gone. */
export function useParamsOf(job: string | undefined): Record<string, unknown> | undefined {
  const { output, error } = useCall('jobs.get', { id: job ?? '' }, job !== undefined)
  if (job === undefined || error) return none
  return output?.id === job ? output.params : undefined
}

const none = {}

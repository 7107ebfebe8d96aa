// The state of a job, as a word with a colour.
import type { JobState } from '../../shared/jobs/state.ts'

export function JobStateBadge({ state }: { readonly state: JobState }) {
  return (
    <span className="state" data-state={state}>
      {state}
    </span>
  )
}

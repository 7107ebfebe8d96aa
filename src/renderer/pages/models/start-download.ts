// Starts to download a model, or goes on with a download of it that was stopped.
import { isResumable } from '../../../shared/jobs/state.ts'
import { act, showDone } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'

/** True when it is under way. */
export async function startDownload(repository: string): Promise<boolean> {
  const earlier = useApp
    .getState()
    .jobs?.find(
      (job) => job.kind === 'download' && job.params.repository === repository && job.state !== 'done',
    )
  if (!earlier) {
    return (await act('jobs.start', { kind: 'download', params: { repository } })) !== undefined
  }
  // what has come so far is not fetched twice
  if (isResumable(earlier.state)) return (await act('jobs.resume', { id: earlier.id })) !== undefined
  showDone(`${repository} is being downloaded already.`)
  return true
}

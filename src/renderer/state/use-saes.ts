// The SAEs of the workspace; asked for again when a job that concerns them begins or ends.
import type { Job } from '../../shared/jobs/job.ts'
import { useApp } from './app.ts'
import { useCall } from './use-call.ts'

export function useSaes() {
  const stamp = useApp(({ jobs }) =>
    (jobs ?? [])
      .filter(concerns)
      .map(({ id, state }) => `${id} ${state}`)
      .join(),
  )
  // what is asked does not depend on it: it only says when
  return useCall('saes.list', undefined, true, stamp)
}

function concerns({ kind }: Job): boolean {
  return kind === 'train' || kind === 'evaluate' || kind === 'import'
}

// Says that a model has arrived, or was here before: an import of what is here already changes nothing that could be seen.
import { useEffect, useRef } from 'react'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { showDone } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'

export function useArrivals(): void {
  const jobs = useApp((state) => state.jobs)
  const coming = useRef(new Set<string>())
  useEffect(() => {
    for (const { id, kind, state, result } of jobs ?? []) {
      if (kind !== 'import' && kind !== 'download') continue
      if (isActive(state)) {
        coming.current.add(id)
        continue
      }
      const arrived = coming.current.delete(id) && jobKinds[kind].result.safeParse(result).data
      if (!arrived || state !== 'done') continue
      const { name } = arrived
      if (arrived.kind === 'sae') showDone(`${name} is an SAE, and is on the SAE page now.`)
      else
        showDone(arrived.already ? `The workspace has this model already, as ${name}.` : `${name} is here.`)
    }
  }, [jobs])
}

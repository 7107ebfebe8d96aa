// The SAEs of the workspace; asked for again when a job that concerns them begins or ends.
import { useJobStamp } from './app.ts'
import { useCall } from './use-call.ts'

export function useSaes() {
  const stamp = useJobStamp('train', 'evaluate', 'import')
  // what is asked does not depend on it: it only says when
  return useCall('saes.list', undefined, true, stamp)
}

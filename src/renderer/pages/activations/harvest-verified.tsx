// The newest check of a harvest.
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { useApp } from '../../state/app.ts'
import { VerifiedCard } from '../../ui/verified-card.tsx'

export function HarvestVerified({ id }: { readonly id: string }) {
  const job = useApp(({ jobs }) =>
    jobs?.find(({ kind, params }) => kind === 'verify' && params.harvest === id),
  )
  if (!job || job.state === 'cancelled') return null
  const result = jobKinds.verify.result.safeParse(job.result).data
  const found = result
    ? `all ${result.rows.toLocaleString('en-US')} rows and every shard are what was written; ` +
      `${result.recomputed.toLocaleString('en-US')} rows computed again differ by at most ` +
      `${result.maxRelDifference.toPrecision(2)} of their largest number`
    : null
  return <VerifiedCard job={job} found={found} />
}

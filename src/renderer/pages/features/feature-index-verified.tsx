// The newest check of an index of features.
import { useState } from 'react'
import type { Job } from '../../../shared/jobs/job.ts'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { useApp } from '../../state/app.ts'
import { numberWords } from '../../ui/feature-words.ts'
import { VerifiedCard } from '../../ui/verified-card.tsx'

/** The newest that was begun since the index was made. */
export function useIndexCheck(sae: string, harvest: string): Job | undefined {
  return useApp(({ jobs }) => {
    const newest = jobs?.find(
      ({ kind, params, state }) =>
        (kind === 'verify-index' || (kind === 'index' && state === 'done')) &&
        params.sae === sae &&
        (params.harvest ?? harvest) === harvest,
    )
    return newest?.kind === 'verify-index' ? newest : undefined
  })
}

export function FeatureIndexVerified({ sae, harvest }: { readonly sae: string; readonly harvest: string }) {
  const job = useIndexCheck(sae, harvest)
  const [closed, setClosed] = useState<string>()
  if (!job || job.state === 'cancelled' || job.id === closed) return null
  const result = jobKinds['verify-index'].result.safeParse(job.result).data
  const found = result
    ? (result.checksums === null ? '' : `${numberWords(result.checksums)} files and `) +
      `${numberWords(result.rows)} rows with ${numberWords(result.codes)} codes are what was written; ` +
      `${numberWords(result.recomputed)} rows encoded again differ by at most ` +
      `${result.maxRelDifference.toPrecision(2)} of their largest activation` +
      (result.changed > 0 ? `, and ${numberWords(result.changed)} codes are there only one way` : '')
    : null
  return <VerifiedCard job={job} found={found} onClose={() => setClosed(job.id)} />
}

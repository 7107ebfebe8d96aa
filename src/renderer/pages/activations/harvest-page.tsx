// One harvest: under way, how it stands; finished, its rows by any text, its ledger, norms and shards.
import { useParams } from '@tanstack/react-router'
import type { Harvest } from '../../../shared/harvests.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { useStream } from '../../state/use-stream.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { Gone } from '../../ui/gone.tsx'
import { JobInPlace } from '../../ui/job-in-place.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { HarvestBrowser } from './harvest-browser.tsx'
import { HarvestButtons } from './harvest-buttons.tsx'
import { HarvestConfigCard } from './harvest-config.tsx'
import { HarvestLedgerCard } from './harvest-ledger.tsx'
import { HarvestLive } from './harvest-live.tsx'
import { HarvestNorms } from './harvest-norms.tsx'
import { HarvestShards } from './harvest-shards.tsx'
import { HarvestStrata } from './harvest-strata.tsx'
import { HarvestVerified } from './harvest-verified.tsx'
import { corpusName, harvestWords } from './harvest-words.ts'

export function HarvestPage() {
  const { id } = useParams({ from: '/activations/$id' })
  const { state: harvests, error } = useStream('harvests.watch', undefined)
  // the list may not know yet what was started a moment ago
  const coming = useApp(({ jobs }) => jobs?.some((job) => job.id === id && job.state === 'queued') ?? false)
  const harvest = harvests?.find((candidate) => candidate.id === id)
  if (harvest) return <HarvestView key={id} harvest={harvest} />
  if (error) return <ErrorText error={error} />
  if (!harvests || coming) return null
  return <Gone title="There is no such harvest" to="/activations" go="Go to the harvests" />
}

function HarvestView({ harvest }: { readonly harvest: Harvest }) {
  const { id, state, problem } = harvest
  const job = useApp((app) => app.jobs?.find((candidate) => candidate.id === id))
  return (
    <div className="page harvest">
      <PageHead
        title={corpusName(harvest)}
        note={
          <>
            <span className="state" data-state={state}>
              {state}
            </span>
            <span className="muted note cut">{harvestWords(harvest)}</span>
          </>
        }
      >
        <HarvestButtons harvest={harvest} />
      </PageHead>
      {problem !== null && !(job && state === 'stopped') && (
        <div className="card bad" role="alert">
          <div>
            <strong className="wrap">{problem}</strong>
            <div className="muted">
              {state === 'damaged'
                ? 'Put the files back as they were, or delete it and harvest again.'
                : 'Delete it, and harvest again.'}
            </div>
          </div>
        </div>
      )}
      {job && state !== 'ready' && state !== 'damaged' && (
        <section className="card" aria-label="Progress">
          <JobInPlace job={job} discards={false} />
        </section>
      )}
      <HarvestVerified id={id} />
      {state === 'ready' ? <Finished id={id} /> : state !== 'damaged' && <HarvestLive harvest={harvest} />}
    </div>
  )
}

function Finished({ id }: { readonly id: string }) {
  const { output, error } = useCall('harvests.get', { id })
  const manifest = output?.manifest
  if (error) return <ErrorText error={error} />
  if (!manifest) return null
  const { ledger, norms, calibration, shards } = manifest
  return (
    <>
      <HarvestBrowser
        id={id}
        rows={ledger.rows}
        contexts={ledger.contexts}
        medianNorm={calibration.medianNorm}
      />
      <div className="harvest-columns">
        <div className="stacked">
          <HarvestLedgerCard manifest={manifest} />
          <HarvestConfigCard manifest={manifest} />
        </div>
        <div className="stacked">
          <HarvestStrata strata={ledger.strata} />
          <HarvestNorms norms={norms} sinkNorm={calibration.sinkNorm} />
          <HarvestShards shards={shards} />
        </div>
      </div>
    </>
  )
}

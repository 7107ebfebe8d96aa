// All harvests, one row each: finished ones, those under way with how far they are, and what was left unfinished.
import { Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Harvest } from '../../../shared/harvests.ts'
import { useApp } from '../../state/app.ts'
import { JobProgress } from '../../ui/job-progress.tsx'
import { formatTime, leftWords, rateWords } from '../../ui/job-words.ts'
import { corpusName, harvestWords } from './harvest-words.ts'

export function HarvestList({ harvests }: { readonly harvests: readonly Harvest[] }) {
  return (
    <section className="card harvest-list" aria-label="Harvests">
      <Title order={2}>In this workspace</Title>
      <ul>
        {harvests.map((harvest) => (
          <li key={harvest.id}>
            <HarvestRow harvest={harvest} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function HarvestRow({ harvest }: { readonly harvest: Harvest }) {
  const { id, state, problem, at } = harvest
  const job = useApp((app) => app.jobs?.find((candidate) => candidate.id === id))
  const under = state === 'running' || state === 'waiting'
  return (
    <Link to="/activations/$id" params={{ id }} className="harvest-row">
      <span className="what">
        <strong className="cut">{corpusName(harvest)}</strong>
        <span className="cut muted fine">{problem ?? harvestWords(harvest)}</span>
      </span>
      <span className="state" data-state={state}>
        {state}
      </span>
      {under && job ? (
        <span className="coming-on">
          <JobProgress job={job} size="sm" />
          <span className="muted fine value">
            {[rateWords(job.progress), leftWords(job.progress)].filter((word) => word !== '').join(' · ')}
          </span>
        </span>
      ) : (
        <span className="muted value">{formatTime(at)}</span>
      )}
      <span className="mono muted cut">{id}</span>
    </Link>
  )
}

// All SAEs, one row each: finished ones with their figures, those in training with how far they are.
import { Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { SaeEntry } from '../../shared/saes.ts'
import { useApp } from '../state/app.ts'
import { JobProgress } from '../ui/job-progress.tsx'
import { formatTime } from '../ui/job-words.ts'
import { saeName, saeWords } from '../ui/sae-words.ts'

export function SaeList({ saes }: { readonly saes: readonly SaeEntry[] }) {
  return (
    <section className="card harvest-list" aria-label="SAEs">
      <Title order={2}>In this workspace</Title>
      <ul>
        {saes.map((sae) => (
          <li key={sae.id}>
            <SaeRow sae={sae} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function SaeRow({ sae }: { readonly sae: SaeEntry }) {
  const { id, state, problem, at } = sae
  const job = useApp((app) => app.jobs?.find((candidate) => candidate.id === (sae.sweep?.job ?? id)))
  return (
    <Link to="/sae/$id" params={{ id }} className="harvest-row">
      <span className="what">
        <strong className="cut">{saeName(sae)}</strong>
        <span className="cut muted fine">{problem ?? saeWords(sae)}</span>
      </span>
      <span className="state" data-state={state === 'training' ? 'running' : state}>
        {state}
      </span>
      {state === 'training' && job ? (
        <span className="coming-on">
          <JobProgress job={job} size="sm" />
        </span>
      ) : (
        <span className="muted value">{formatTime(at)}</span>
      )}
      <span className="mono muted cut">{id}</span>
    </Link>
  )
}

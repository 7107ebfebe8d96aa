// All SAEs, one row each: finished ones with their figures, those in training with how far they are; some can be compared.
import { Button, Checkbox, Title } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { SaeEntry } from '../../../shared/saes.ts'
import { useApp } from '../../state/app.ts'
import { JobProgress } from '../../ui/job-progress.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { MOST_COMPARED, saeName, saeWords } from '../../ui/sae-words.ts'

export function SaeList({ saes }: { readonly saes: readonly SaeEntry[] }) {
  const [chosen, setChosen] = useState<readonly string[]>([])
  const navigate = useNavigate()
  // one that was chosen may have been deleted since
  const ids = chosen.filter((id) => saes.some((sae) => sae.id === id))
  const choose = (id: string) =>
    setChosen(ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id])
  return (
    <section className="card harvest-list sae-list" aria-label="SAEs">
      <div className="card-head">
        <Title order={2}>In this workspace</Title>
        {saes.length > 1 && (
          <div className="end curve-controls">
            <span className="muted fine">
              {ids.length < 2 ? 'Choose two or more to compare them.' : `${ids.length} chosen`}
            </span>
            <Button
              size="compact-sm"
              disabled={ids.length < 2}
              onClick={() => void navigate({ to: '/sae/compare', search: { ids: ids.join(',') } })}
            >
              Compare
            </Button>
          </div>
        )}
      </div>
      <ul>
        {saes.map((sae) => (
          <li key={sae.id}>
            {saes.length > 1 && (
              <Checkbox
                size="xs"
                aria-label={`Choose ${saeName(sae)}, ${sae.id}`}
                checked={ids.includes(sae.id)}
                disabled={!ids.includes(sae.id) && ids.length === MOST_COMPARED}
                onChange={() => choose(sae.id)}
              />
            )}
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
  const busy = state === 'training' || state === 'importing'
  return (
    <Link to="/sae/$id" params={{ id }} className="harvest-row">
      <span className="what">
        <strong className="cut">{saeName(sae)}</strong>
        <span className="cut muted fine">{problem ?? saeWords(sae)}</span>
      </span>
      <span className="state" data-state={busy ? 'running' : state}>
        {state}
      </span>
      {busy && job ? (
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

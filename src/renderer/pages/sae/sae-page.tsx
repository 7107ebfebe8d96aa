// One SAE: in training its curves as they come; finished, its figures, what it loses the model, and its files.
import { MultiSelect } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { SaeEntry } from '../../../shared/saes.ts'
import { useApp } from '../../state/app.ts'
import { useSaes } from '../../state/use-saes.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { Gone } from '../../ui/gone.tsx'
import { JobInPlace } from '../../ui/job-in-place.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { MOST_COMPARED, saeName, saeWords, uniqueNames } from '../../ui/sae-words.ts'
import { SaeButtons } from './sae-buttons.tsx'
import { SaeCheckpoints } from './sae-checkpoints.tsx'
import { SaeCurves } from './sae-curves.tsx'
import { SaeDoctor } from './sae-doctor.tsx'
import { SaeFacts } from './sae-facts.tsx'
import { SaeJobs } from './sae-jobs.tsx'
import { SaeSweep } from './sae-sweep.tsx'

export function SaePage() {
  const { id } = useParams({ from: '/sae/$id' })
  const { output: saes, error } = useSaes()
  const coming = useApp(
    ({ jobs }) => jobs?.some((job) => id === job.id || id.startsWith(`${job.id}-`)) ?? false,
  )
  const sae = saes?.find((candidate) => candidate.id === id)
  if (saes && sae) return <SaeView key={id} sae={sae} saes={saes} />
  if (error) return <ErrorText error={error} />
  if (!saes || coming) return null
  return <Gone title="There is no such SAE" to="/sae" go="Go to the SAEs" />
}

function SaeView({ sae, saes }: { readonly sae: SaeEntry; readonly saes: readonly SaeEntry[] }) {
  const { id, state, problem, done, sweep } = sae
  const job = useApp((app) => app.jobs?.find((candidate) => candidate.id === (sweep?.job ?? id)))
  const busy = state === 'training' || state === 'importing'
  return (
    <div className="page">
      <PageHead
        title={saeName(sae)}
        note={
          <>
            <span className="state" data-state={busy ? 'running' : state}>
              {state}
            </span>
            <span className="muted note cut">{saeWords(sae)}</span>
          </>
        }
      >
        <SaeButtons sae={sae} />
      </PageHead>
      {problem !== null && (
        <div className="card bad" role="alert">
          <strong className="wrap">{problem}</strong>
        </div>
      )}
      {job && state !== 'ready' && (
        <section className="card" aria-label="Progress">
          <JobInPlace job={job} discards={false} />
        </section>
      )}
      {done && <SaeFacts sae={sae} done={done} />}
      {sweep && <SaeSweep of={{ ...sae, sweep }} saes={saes} />}
      <SaeJobs id={id} />
      <SaeDoctor id={id} training={state === 'training'} />
      <OverlaidCurves sae={sae} saes={saes} />
      <SaeCheckpoints id={id} training={state === 'training'} />
    </div>
  )
}

/** Its curves, and those of others that are chosen. */
function OverlaidCurves({ sae, saes }: { readonly sae: SaeEntry; readonly saes: readonly SaeEntry[] }) {
  const [chosen, setChosen] = useState<string[]>([])
  // one from elsewhere has no curves
  const others = saes.filter(({ id, config }) => id !== sae.id && config !== null)
  const drawn = [sae, ...others.filter(({ id }) => chosen.includes(id))]
  const names = uniqueNames([sae, ...others])
  const nameOf = (id: string) => names[[sae, ...others].findIndex((one) => one.id === id)]!
  return (
    <SaeCurves runs={drawn.map(({ id, state }) => ({ id, name: nameOf(id), state }))}>
      {others.length > 0 && (
        <MultiSelect
          size="xs"
          className="overlay"
          aria-label="Lay over"
          placeholder={chosen.length === 0 ? 'Lay over other runs…' : ''}
          maxValues={MOST_COMPARED - 1}
          data={others.map(({ id }) => ({ value: id, label: nameOf(id) }))}
          value={chosen}
          onChange={setChosen}
        />
      )}
    </SaeCurves>
  )
}

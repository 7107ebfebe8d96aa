// The models of the workspace, one row each, after what is still being brought in; without any, how to begin.
import { Button, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { catalogue } from '../../../shared/catalogue.ts'
import type { Job } from '../../../shared/jobs/job.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import type { Model } from '../../../shared/models.ts'
import { act } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { JobInPlace } from '../../ui/job-in-place.tsx'
import { sizeWords, storedWords } from './model-words.ts'

export function ModelsHere({ models }: { readonly models: readonly Model[] }) {
  const jobs = useApp((state) => state.jobs) ?? []
  const coming = jobs.filter((job) => isComing(job) && catalogued(job) === null)
  if (models.length === 0 && coming.length === 0) return <NoModels />
  return (
    <section className="card model-list" aria-label="In this workspace">
      <Title order={2}>In this workspace</Title>
      <ul>
        {coming.map((job) => (
          <li key={job.id} className="coming">
            <strong className="cut">{job.title}</strong>
            <JobInPlace job={job} />
          </li>
        ))}
        {models.map((model) => (
          <li key={model.id}>
            <ModelRow model={model} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A job that brings in a model and still matters: not done, and not given up. */
export function isComing({ kind, state, params }: Job): boolean {
  if (params.as === 'sae') return false
  return (kind === 'import' || kind === 'download') && state !== 'done' && state !== 'cancelled'
}

/** The repository of the catalogue that `job` downloads; null for every other job. */
export function catalogued({ kind, params }: Job): string | null {
  if (kind !== 'download') return null
  return catalogue.find(({ repository }) => repository === params.repository)?.repository ?? null
}

function ModelRow({ model }: { readonly model: Model }) {
  const { id, name, state, problem, linkedTo } = model
  return (
    <Link to="/models/$id" params={{ id }} className="model-row">
      <span className="what">
        <span className="title">
          <strong className="cut">{name}</strong>
          {linkedTo !== null && <span className="tag">linked</span>}
          {state !== 'ready' && (
            <span className="state" data-state={state}>
              {state}
            </span>
          )}
        </span>
        <span className="cut muted fine">{problem ?? sizeWords(model)}</span>
      </span>
      <span className="mono muted cut">{id}</span>
      <span className="stored">{storedWords(model)}</span>
    </Link>
  )
}

function NoModels() {
  const { output: demo } = useCall('models.demo', undefined)
  const busy = useApp(
    (state) => state.jobs?.some((job) => job.kind === 'import' && isActive(job.state)) ?? false,
  )
  return (
    <section className="card empty no-models">
      <strong>No models yet</strong>
      <p>
        Everything begins with a model. The one that comes with Monoscope is small enough for any machine and
        here in a second; larger ones are downloaded below, or imported from a folder or a .gguf file.
      </p>
      {demo != null && (
        <Button
          variant="filled"
          loading={busy}
          onClick={() =>
            void act('jobs.start', { kind: 'import', params: { path: demo, name: 'Demo model' } })
          }
        >
          Import the demo model
        </Button>
      )}
    </section>
  )
}

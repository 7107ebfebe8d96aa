// The index of an SAE that is not ready: what it would need and the form that begins it, how far it is, or why it stopped.
import { Button, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { FeatureIndex, IndexPlan } from '../../../shared/features.ts'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { formatBytes, formatCount, formatPercent } from '../../../shared/units.ts'
import { act } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { useStream } from '../../state/use-stream.ts'
import { ConfigForm } from '../../ui/config-form.tsx'
import { CostLacks } from '../../ui/cost-lacks.tsx'
import { ErrorText } from '../../ui/error-text.tsx'
import { JobInPlace } from '../../ui/job-in-place.tsx'
import { type OnRefusal, useRefusal } from '../../ui/refusal.ts'

const { params: schema } = jobKinds.index

/** In sight; the SAE is known already. */
const main = ['harvest', 'maxRows']
const form = schema.omit({ sae: true })

interface FeatureIndexCardProps {
  readonly sae: SaeEntry
  readonly index: FeatureIndex | undefined
}

export function FeatureIndexCard({ sae, index }: FeatureIndexCardProps) {
  const job = useApp(({ jobs }) =>
    jobs?.find(
      ({ kind, params, state }) =>
        kind === 'index' &&
        sae.id.startsWith(String(params.sae)) &&
        state !== 'done' &&
        state !== 'cancelled',
    ),
  )
  const busy = job !== undefined && isActive(job.state)
  return (
    <>
      {job && (
        <section className="card" aria-label="Progress">
          <JobInPlace job={job} />
        </section>
      )}
      {index?.problem && !busy && (
        <div className="card bad" role="alert">
          <strong className="wrap">{index.problem}</strong>
        </div>
      )}
      {!busy && <IndexForm key={index?.harvest ?? ''} sae={sae} index={index} />}
    </>
  )
}

/** Words of the button and above it. */
function words(index: FeatureIndex | undefined): { readonly title: string; readonly text: string } {
  if (index?.state === 'outdated') {
    return {
      title: 'Rebuild the index',
      text: 'It was made by an earlier version, which wrote it differently. Labels, stars and notes stay.',
    }
  }
  if (index?.state === 'damaged') {
    return { title: 'Rebuild the index', text: 'Files of it are missing. Labels, stars and notes stay.' }
  }
  return {
    title: 'Index its features',
    text: 'The rows of a harvest are encoded once; then every feature shows where it fires, and is found by any text.',
  }
}

function IndexForm({ sae, index }: FeatureIndexCardProps) {
  const [values, setValues] = useState<Record<string, unknown>>({})
  const [refusal, setRefusal] = useState<string>()
  const { title, text } = words(index)
  const { state: harvests } = useStream('harvests.watch', undefined)
  const wanted = index?.harvest ?? (sae.config?.live === false ? sae.config.harvest : undefined)
  // what is gone is not offered; a path leads out of the workspace, where nobody knows
  const here =
    wanted !== undefined &&
    (/[/\\]/.test(wanted) || harvests?.some(({ id, state }) => state === 'ready' && id.startsWith(wanted)))
  const harvest = here ? wanted : undefined
  async function start(params: Record<string, unknown>) {
    await act('jobs.start', { kind: 'index', params: { ...params, sae: sae.id } })
  }
  if (!harvests) return null
  return (
    <section className="card harvest-form" aria-label={title}>
      <Title order={2}>{title}</Title>
      <p className="lead">{text}</p>
      {harvest === undefined && (
        <p className="lead">
          {wanted === undefined
            ? 'It was not trained on a harvest of this workspace'
            : `Its harvest ${wanted} is not here any more`}
          : name one of the same model and hook, or{' '}
          <Link to="/activations" search={{ form: true }}>
            make one
          </Link>
          .
        </p>
      )}
      <div className="form-and-cost">
        <ConfigForm
          schema={form}
          submitLabel={title === 'Rebuild the index' ? 'Rebuild' : 'Index now'}
          main={main}
          refusal={refusal}
          initial={harvest === undefined ? {} : { harvest }}
          onValues={setValues}
          onSubmit={start}
        />
        <IndexCost sae={sae.id} values={values} onRefusal={setRefusal} />
      </div>
    </section>
  )
}

/** Milliseconds after the last change in which it is not asked. */
const PAUSE = 250

interface IndexCostProps {
  readonly sae: string
  readonly values: Record<string, unknown>
  readonly onRefusal: OnRefusal
}

function IndexCost({ sae, values, onRefusal }: IndexCostProps) {
  const [settled] = useDebouncedValue(values, PAUSE)
  const { harvest, maxRows } = form.safeParse(settled).data ?? {}
  const { output, error } = useCall(
    'features.plan',
    { sae, ...(harvest !== undefined && { harvest }), ...(maxRows !== undefined && { maxRows }) },
    harvest !== undefined,
  )
  const asked = harvest !== undefined
  useRefusal(onRefusal, asked ? error : undefined, asked && output ? lackWords(output) : undefined)
  return (
    <aside className="cost" aria-label="What it needs" aria-live="polite">
      <Title order={3}>What it needs</Title>
      {harvest === undefined ? (
        <CostLacks schema={form} values={settled} missing="Name a harvest" told="rows, disk and memory" />
      ) : error ? (
        <ErrorText error={error} />
      ) : output ? (
        <Estimate plan={output} />
      ) : (
        <p className="muted">Working it out…</p>
      )}
    </aside>
  )
}

/** What its job would refuse it for. */
function lackWords({ disk }: IndexPlan): string | undefined {
  return disk.freeBytes !== null && disk.meanwhile > disk.freeBytes
    ? 'The disk has too little room: index fewer rows.'
    : undefined
}

function Estimate({ plan: { rows, contexts, share, disk, memory } }: { readonly plan: IndexPlan }) {
  const lacksDisk = disk.freeBytes !== null && disk.meanwhile > disk.freeBytes
  return (
    <>
      <dl className="cost-facts">
        <dt>rows</dt>
        <dd>
          <strong>{formatCount(rows)}</strong>
          <span className="muted"> in {formatCount(contexts)} contexts</span>
        </dd>
        <dt>disk</dt>
        <dd data-lacks={lacksDisk || undefined}>
          <strong>{formatBytes(disk.bytes)}</strong>
          <span className="muted">
            , {formatBytes(disk.meanwhile)} until it is finished
            {disk.freeBytes !== null && `; ${formatBytes(disk.freeBytes)} free`}
          </span>
        </dd>
        <dt>memory</dt>
        <dd>
          <strong>{formatBytes(memory.bytes)}</strong>
          {memory.limit !== null && <span className="muted"> of {formatBytes(memory.limit)}</span>}
        </dd>
      </dl>
      <p className="muted fine">
        {share < 1
          ? `An even sample: ${formatPercent(share)} of the contexts, because there are more rows than asked for.`
          : 'All rows of the harvest.'}{' '}
        Disk and memory are estimated.
      </p>
    </>
  )
}

const consequences: Readonly<Record<FeatureIndex['missing'][number]['what'], string>> = {
  harvest: 'What is in the index is shown; contexts cannot be searched or opened.',
  model: 'What is in the index is shown; no text can be tried until it is imported.',
  sae: 'What is shown may differ from what it does now.',
}

/** What an index that is ready cannot do any more, and why. */
export function FeatureMissing({ index, sae }: { readonly index: FeatureIndex; readonly sae: SaeEntry }) {
  if (index.missing.length === 0) return null
  return (
    <div className="feature-missing" role="note">
      <div>
        {index.missing.map(({ what, text }) => (
          <p key={what}>
            {text} <span className="muted">{consequences[what]}</span>
          </p>
        ))}
      </div>
      {index.missing.some(({ what }) => what === 'sae') && (
        <Button
          onClick={() =>
            void act('jobs.start', { kind: 'index', params: { sae: sae.id, harvest: index.harvest } })
          }
        >
          Rebuild
        </Button>
      )}
    </div>
  )
}

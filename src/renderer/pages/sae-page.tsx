// One SAE: in training its curves as they come; finished, its figures, what it loses the model, and its files.
import { Button, Group, Modal, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { isActive } from '../../shared/jobs/state.ts'
import type { SaeEntry } from '../../shared/saes.ts'
import { inputWords } from '../../shared/training-input.ts'
import { formatBytes, formatCount, formatPercent } from '../../shared/units.ts'
import { act, showDone } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { useSaes } from '../state/use-saes.ts'
import { ErrorText } from '../ui/error-text.tsx'
import { Fact, Facts } from '../ui/facts.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { saeName, saeWords } from '../ui/sae-words.ts'
import { JobInPlace } from './job-in-place.tsx'
import { SaeCurves } from './sae-curves.tsx'
import { SaeDoctor } from './sae-doctor.tsx'
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
  return (
    <div className="page">
      <div className="card empty">
        <Title order={1}>There is no such SAE</Title>
        <p>It may have been deleted.</p>
        <Button component={Link} to="/sae">
          Go to the SAEs
        </Button>
      </div>
    </div>
  )
}

function SaeView({ sae, saes }: { readonly sae: SaeEntry; readonly saes: readonly SaeEntry[] }) {
  const { id, state, problem, done, sweep } = sae
  const job = useApp((app) => app.jobs?.find((candidate) => candidate.id === (sweep?.job ?? id)))
  return (
    <div className="page">
      <PageHead
        title={saeName(sae)}
        note={
          <>
            <span className="state" data-state={state === 'training' ? 'running' : state}>
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
      <SaeDoctor id={id} training={state === 'training'} />
      <SaeCurves id={id} training={state === 'training'} />
    </div>
  )
}

function SaeFacts({
  sae: { path, config },
  done,
}: {
  readonly sae: SaeEntry
  readonly done: NonNullable<SaeEntry['done']>
}) {
  const { architecture, directions, features, model, hook, validation, evaluation } = done
  const round = (value: number) => String(Number(value.toPrecision(4)))
  return (
    <section className="card" aria-label="Facts">
      <Title order={2}>What it is</Title>
      <Facts>
        <Fact
          name="architecture"
          value={`${architecture}, ${formatCount(features)} features over ${formatCount(directions)} directions`}
        />
        {model !== null && <Fact name="model" value={`${model}${hook === null ? '' : `, at ${hook}`}`} />}
        {config && (
          <Fact name="trained on" value={`${formatCount(config.tokens)} rows of ${inputWords(config)}`} />
        )}
        {validation && (
          <Fact
            name="held-out rows"
            value={`${formatPercent(validation.fvu)} of the variance unexplained, L0 ${round(validation.l0)}, ${formatPercent(validation.dead)} of the features dead`}
          />
        )}
        <Fact
          name="in the model"
          value={
            evaluation
              ? `${formatPercent(evaluation.ceRecovered)} of the loss recovered, KL ${round(evaluation.kl)} nats a token`
              : 'not evaluated yet'
          }
        />
        <Fact name="folder" value={path} path={path} exact />
      </Facts>
    </section>
  )
}

function SaeButtons({ sae }: { readonly sae: SaeEntry }) {
  const { id, state, done, bytes } = sae
  const [asking, question] = useDisclosure(false)
  const navigate = useNavigate()
  const evaluating = useApp(
    ({ jobs }) =>
      jobs?.some((job) => job.kind === 'evaluate' && job.params.sae === id && isActive(job.state)) ?? false,
  )
  async function remove() {
    const removed = await act('saes.remove', { id })
    if (!removed) return
    showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
    await navigate({ to: '/sae', search: {} })
  }
  if (state === 'training') return null
  return (
    <>
      {done && (
        <Button
          loading={evaluating}
          onClick={() => void act('jobs.start', { kind: 'evaluate', params: { sae: id } })}
        >
          Evaluate
        </Button>
      )}
      <Button onClick={question.open}>Delete…</Button>
      <Modal opened={asking} onClose={question.close} title={`Delete ${saeName(sae)}?`}>
        <p className="lead">
          Its weights, checkpoints and curves are deleted, which frees {formatBytes(bytes)}. The harvest
          stays. This cannot be undone.
        </p>
        <Group justify="flex-end">
          <Button onClick={question.close}>Keep it</Button>
          <Button variant="filled" color="red.9" onClick={() => void remove()}>
            Delete
          </Button>
        </Group>
      </Modal>
    </>
  )
}

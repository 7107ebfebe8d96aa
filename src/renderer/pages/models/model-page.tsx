// One model: what it is, what it needs at each precision, where it can be read, where it came from; renamed and removed here.
import { Title } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { hookParts, type Model } from '../../../shared/models.ts'
import { formatBytes } from '../../../shared/units.ts'
import { useStream } from '../../state/use-stream.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { Gone } from '../../ui/gone.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { ModelButtons } from './model-buttons.tsx'
import { ModelMemory } from './model-memory.tsx'
import { ModelTry } from './model-try.tsx'
import { licenceWords, originWords, storedWords } from './model-words.ts'

export function ModelPage() {
  const { id } = useParams({ from: '/models/$id' })
  const { state: models } = useStream('models.watch', undefined)
  if (!models) return null
  const model = models.find((candidate) => candidate.id === id)
  if (model) return <ModelView key={id} model={model} />
  return (
    <Gone
      title="There is no such model"
      note="It may have been removed."
      to="/models"
      go="Go to the models"
    />
  )
}

function ModelView({ model }: { readonly model: Model }) {
  const { name, state, problem } = model
  return (
    <div className="page">
      <PageHead
        title={name}
        note={
          <span className="state" data-state={state}>
            {state}
          </span>
        }
      >
        <ModelButtons model={model} />
      </PageHead>
      {problem !== null && (
        <div className="card bad" role="alert">
          <div>
            <strong>{problem}</strong>
            <div className="muted">
              Put the files back as they were, or remove the model and import it again.
            </div>
          </div>
        </div>
      )}
      {state === 'ready' && <ModelTry model={model.id} />}
      <div className="model-columns">
        <div className="stacked">
          <Architecture model={model} />
          <Hooks model={model} />
        </div>
        <div className="stacked">
          <ModelMemory model={model} />
          <Source model={model} />
        </div>
      </div>
    </div>
  )
}

const count = (value: number) => value.toLocaleString('en-US')

function Architecture({ model: { architecture, parameters } }: { readonly model: Model }) {
  const { heads, keyHeads, headWidth, rope, attentionBias, mlpBias, tiedHead } = architecture
  const biases = [...(attentionBias ? ['attention'] : []), ...(mlpBias ? ['MLP'] : [])]
  return (
    <section className="card" aria-label="Architecture">
      <Title order={2}>Architecture</Title>
      <Facts>
        <Fact name="family" value="LLaMA" />
        <Fact name="parameters" value={count(parameters)} />
        <Fact name="blocks" value={count(architecture.layers)} />
        <Fact name="width" value={count(architecture.width)} />
        <Fact name="MLP width" value={count(architecture.mlpWidth)} />
        <Fact
          name="heads"
          value={`${heads} for queries, ${keyHeads} for keys and values, ${headWidth} wide`}
        />
        <Fact name="vocabulary" value={`${count(architecture.vocabulary)} tokens`} />
        <Fact name="context" value={`${count(architecture.positions)} tokens`} />
        <Fact name="rotary positions" value={`${rope.kind}, base ${count(rope.theta)}`} />
        <Fact name="biases" value={biases.length === 0 ? 'none' : biases.join(' and ')} />
        <Fact name="head" value={tiedHead ? 'the embedding' : 'its own'} />
      </Facts>
    </section>
  )
}

const hookWords: Readonly<Record<(typeof hookParts)[number], string>> = {
  hook_resid_pre: 'the residual stream before the block',
  hook_attn_out: 'what attention adds to it',
  hook_mlp_out: 'what the MLP adds to it',
  hook_resid_post: 'the residual stream after the block',
}

function Hooks({ model: { architecture } }: { readonly model: Model }) {
  const { layers, width } = architecture
  return (
    <section className="card" aria-label="Hooks">
      <Title order={2}>Hooks</Title>
      <p className="lead">
        {count(layers * hookParts.length)} places where it can be read and steered, each {count(width)}{' '}
        numbers wide: those below, of blocks 0 to {layers - 1}.
      </p>
      <dl className="facts">
        {hookParts.map((part) => (
          <div className="pair" key={part}>
            <dt className="mono">blocks.L.{part}</dt>
            <dd>{hookWords[part]}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Source({ model }: { readonly model: Model }) {
  const { id, origin, linkedTo, checkpoint, hash, licence, importedAt, ownBytes } = model
  return (
    <section className="card" aria-label="Source">
      <Title order={2}>Source</Title>
      <Facts>
        <Fact name="id" value={id} exact />
        <Fact name="came from" value={originWords(origin)} />
        {origin.kind === 'hub' ? (
          <Fact name="commit" value={origin.commit} exact />
        ) : (
          <Fact name="original" value={origin.path} exact />
        )}
        <Fact name="files" value={linkedTo === null ? 'in the workspace' : 'left where they were'} />
        <Fact name="lies in" value={checkpoint} path={checkpoint} exact />
        <Fact name="weights" value={storedWords(model)} />
        <Fact name="in the workspace" value={formatBytes(ownBytes)} />
        <Fact name="licence" value={licenceWords(licence)} />
        <Fact name="SHA-256" value={hash} exact />
        <Fact name="imported" value={formatTime(importedAt)} />
      </Facts>
    </section>
  )
}

// The form of a training, made from its config schema, with presets, and what it would take beside it.
import { Button, Title } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Harvest } from '../../../shared/harvests.ts'
import { type TrainPreset, trainPresets } from '../../../shared/sae-presets.ts'
import { trainConfigSchema } from '../../../shared/sae.ts'
import { memberIds } from '../../../shared/sae-sweep.ts'
import { act } from '../../state/actions.ts'
import { useStream } from '../../state/use-stream.ts'
import { ConfigForm } from '../../ui/config-form.tsx'
import { SaeCost } from './sae-cost.tsx'

/** In sight; what else can be chosen has defaults that suit most. */
const main = ['harvest', 'variant', 'width', 'k', 'tokens', 'batch', 'rate', 'l1', 'sweep']

/** Where rows come from: a preset leaves that alone. */
const inputs = [
  ...['harvest', 'live', 'model', 'corpus', 'layer'],
  ...['contextLength', 'contexts', 'sample', 'textField'],
]

interface SaeFormProps {
  readonly harvest?: string | undefined
  /** What it begins with, in place of what suits a harvest. */
  readonly initial?: Record<string, unknown> | undefined
}

export function SaeForm({ harvest, initial }: SaeFormProps) {
  const { state: harvests } = useStream('harvests.watch', undefined)
  // what it begins with depends on them
  if (!harvests) return null
  const ready = harvests.find(
    (candidate) => candidate.state === 'ready' && (!harvest || candidate.id === harvest),
  )
  return <Filled harvests={harvests} ready={ready} initial={initial ?? begun(ready)} />
}

interface FilledProps {
  readonly harvests: readonly Harvest[]
  readonly ready: Harvest | undefined
  readonly initial: Record<string, unknown>
}

interface Beginning {
  /** Of the preset that was taken. */
  readonly id: string | undefined
  readonly key: number
  readonly values: Record<string, unknown>
}

function Filled({ harvests, ready, initial }: FilledProps) {
  const navigate = useNavigate()
  const [values, setValues] = useState(initial)
  const [refusal, setRefusal] = useState<string>()
  const [preset, setPreset] = useState<Beginning>()
  // the form begins anew, with other values
  const begin = (id: string | undefined, wanted: Record<string, unknown>) =>
    setPreset((before) => ({ id, key: (before?.key ?? 0) + 1, values: wanted }))
  function choose({ id, settings }: TrainPreset) {
    const harvest = typeof values.harvest === 'string' ? values.harvest : ''
    const D = harvests.find((one) => one.id === harvest)?.done?.model.width ?? null
    const kept = inputs
      .filter((name) => values[name] !== undefined)
      .map((name) => [name, values[name]] as const)
    begin(id, { ...Object.fromEntries(kept), ...settings(D) })
  }
  async function start(params: Record<string, unknown>) {
    const job = await act('jobs.start', { kind: 'train', params })
    if (!job) return
    const [id = job.id] = memberIds(job.id, trainConfigSchema.parse(job.params))
    await navigate({ to: '/sae/$id', params: { id } })
  }
  return (
    <section className="card harvest-form" aria-label="New SAE">
      <Title order={2}>New SAE</Title>
      {!ready && (
        <p className="lead">
          There is no finished harvest in the workspace:{' '}
          <Link to="/activations" search={{ form: true }}>
            make one
          </Link>{' '}
          first, name the folder of one, or train live, which is under “More”.
        </p>
      )}
      <div className="presets" role="group" aria-label="Presets">
        {trainPresets.map((one) => (
          <Button
            key={one.id}
            size="compact-sm"
            aria-pressed={preset?.id === one.id}
            variant={preset?.id === one.id ? 'light' : 'default'}
            onClick={() => choose(one)}
          >
            {one.label}
          </Button>
        ))}
        <span className="muted fine">
          {trainPresets.find(({ id }) => id === preset?.id)?.note ??
            'Settings that are known to work; all of them can be changed.'}
        </span>
      </div>
      <div className="form-and-cost">
        <ConfigForm
          key={preset?.key ?? ''}
          schema={trainConfigSchema}
          submitLabel="Start"
          main={main}
          initial={preset?.values ?? initial}
          refusal={refusal}
          onValues={setValues}
          onSubmit={start}
          onCancel={() => void navigate({ to: '/sae', search: {} })}
        />
        <SaeCost
          values={values}
          onWidth={(width) => begin(preset?.id, { ...values, width })}
          onRefusal={setRefusal}
        />
      </div>
    </section>
  )
}

function begun(ready: Harvest | undefined): Record<string, unknown> {
  return ready ? { harvest: ready.id, ...(ready.done && { width: 8 * ready.done.model.width }) } : {}
}

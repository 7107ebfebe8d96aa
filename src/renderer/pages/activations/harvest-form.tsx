// The form of a harvest, made from its config schema, with what it would cost beside it.
import { Title } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { harvestConfigSchema } from '../../../shared/harvest.ts'
import type { Model } from '../../../shared/models.ts'
import { act } from '../../state/actions.ts'
import { useStream } from '../../state/use-stream.ts'
import { ConfigForm } from '../../ui/config-form.tsx'
import { HarvestCost } from './harvest-cost.tsx'

/** In sight; what else can be chosen has defaults that suit most. */
const main = ['model', 'corpus', 'layer', 'tokens', 'contextLength', 'sample', 'stratumField', 'batch']

interface HarvestFormProps {
  /** What is filled in from the beginning. */
  readonly initial: Record<string, unknown>
  onCancel(): void
}

export function HarvestForm({ initial, onCancel }: HarvestFormProps) {
  const { state: models } = useStream('models.watch', undefined)
  const [values, setValues] = useState(initial)
  const [refusal, setRefusal] = useState<string>()
  const navigate = useNavigate()
  // what it begins with depends on the models
  if (!models) return null
  async function start(params: Record<string, unknown>) {
    const job = await act('jobs.start', { kind: 'harvest', params })
    if (job) await navigate({ to: '/activations/$id', params: { id: job.id } })
  }
  return (
    <section className="card harvest-form" aria-label="New harvest">
      <Title order={2}>New harvest</Title>
      {models.length === 0 && (
        <p className="lead">
          There is no model in the workspace yet: <Link to="/models">bring one in</Link> first, or name the
          folder of one.
        </p>
      )}
      <div className="form-and-cost">
        <ConfigForm
          schema={harvestConfigSchema}
          submitLabel="Start"
          main={main}
          refusal={refusal}
          initial={{ ...suggested(models), ...initial }}
          onValues={setValues}
          onSubmit={start}
          onCancel={onCancel}
        />
        <HarvestCost values={values} onRefusal={setRefusal} />
      </div>
    </section>
  )
}

/** The newest model and the middle of its blocks, where what a token means is worked out. */
function suggested(models: readonly Model[]): Record<string, unknown> {
  const model = models.find(({ state }) => state === 'ready')
  return model ? { model: model.id, layer: Math.floor((model.architecture.layers - 1) / 2) } : {}
}

// The SAEs of the workspace, and the form that trains another one.
import { Button, Title } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { trainConfigSchema } from '../../shared/sae.ts'
import { memberIds } from '../../shared/sweep.ts'
import { act } from '../state/actions.ts'
import { useSaes } from '../state/use-saes.ts'
import { useStream } from '../state/use-stream.ts'
import { ConfigForm } from '../ui/config-form.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { SaeList } from './sae-list.tsx'

/** In sight; what else can be chosen has defaults that suit most. */
const main = ['harvest', 'variant', 'width', 'k', 'tokens', 'batch', 'rate', 'l1']

export function SaesPage() {
  const { form, harvest } = useSearch({ from: '/sae' })
  const navigate = useNavigate()
  const { output: saes, error } = useSaes()
  const open = form === true || harvest !== undefined
  const none = saes?.length === 0
  const show = () => void navigate({ to: '/sae', search: { form: true } })
  return (
    <div className="page">
      <PageHead title="SAE" note="Sparse autoencoders: each row of a harvest as a sum of few directions.">
        {!open && !none && (
          <Button variant="filled" onClick={show}>
            Train an SAE…
          </Button>
        )}
      </PageHead>
      {open && <TrainForm {...(harvest !== undefined && { harvest })} />}
      {error && <ErrorText error={error} />}
      {saes && !none && <SaeList saes={saes} />}
      {none && !open && (
        <section className="card empty">
          <strong>No SAEs yet</strong>
          <p>
            An autoencoder is trained on the rows of a harvest, and its features are what is looked at and
            steered by. One from SAELens, sparsify or Llama Scope can be used as well.
          </p>
          <Button variant="filled" onClick={show}>
            Train an SAE…
          </Button>
        </section>
      )}
    </div>
  )
}

function TrainForm({ harvest }: { readonly harvest?: string }) {
  const { state: harvests } = useStream('harvests.watch', undefined)
  const navigate = useNavigate()
  // what it begins with depends on them
  if (!harvests) return null
  const ready = harvests.find(
    (candidate) => candidate.state === 'ready' && (!harvest || candidate.id === harvest),
  )
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
          first, or name the folder of one.
        </p>
      )}
      <ConfigForm
        schema={trainConfigSchema}
        submitLabel="Start"
        main={main}
        initial={ready ? { harvest: ready.id, ...(ready.done && { width: 8 * ready.done.model.width }) } : {}}
        onSubmit={start}
        onCancel={() => void navigate({ to: '/sae', search: {} })}
      />
    </section>
  )
}

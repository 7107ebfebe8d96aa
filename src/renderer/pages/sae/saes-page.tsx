// The SAEs of the workspace, the form that trains another one, and the dialog that imports one.
import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useParamsOf } from '../../state/use-params-of.ts'
import { useSaes } from '../../state/use-saes.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SaeForm } from './sae-form.tsx'
import { SaeImport } from './sae-import.tsx'
import { SaeList } from './sae-list.tsx'

export function SaesPage() {
  const { form, harvest, from } = useSearch({ from: '/sae' })
  const navigate = useNavigate()
  const { output: saes, error } = useSaes()
  const [importing, dialog] = useDisclosure(false)
  const open = form === true || harvest !== undefined || from !== undefined
  const asked = useParamsOf(from)
  const none = saes?.length === 0
  const show = () => void navigate({ to: '/sae', search: { form: true } })
  return (
    <div className="page">
      <PageHead title="SAE" note="Sparse autoencoders: each row of a harvest as a sum of few directions.">
        {!open && (
          <>
            <Button onClick={dialog.open}>Import…</Button>
            {!none && (
              <Button variant="filled" onClick={show}>
                Train an SAE…
              </Button>
            )}
          </>
        )}
      </PageHead>
      {open && asked && (
        <SaeForm key={from ?? ''} harvest={harvest} initial={from === undefined ? undefined : asked} />
      )}
      {error && <ErrorText error={error} />}
      {saes && !none && <SaeList saes={saes} />}
      {none && !open && (
        <section className="card empty">
          <strong>No SAEs yet</strong>
          <p>
            An autoencoder is trained on the rows of a harvest, and its features are what is looked at and
            steered by. One from SAELens, sparsify or Llama Scope can be imported.
          </p>
          <Button variant="filled" onClick={show}>
            Train an SAE…
          </Button>
        </section>
      )}
      <SaeImport opened={importing} onClose={dialog.close} />
    </div>
  )
}

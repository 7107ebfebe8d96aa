// The harvests of the workspace, and the form that begins another one.
import { Button } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useParamsOf } from '../../state/use-params-of.ts'
import { useStream } from '../../state/use-stream.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { HarvestForm } from './harvest-form.tsx'
import { HarvestList } from './harvest-list.tsx'

export function ActivationsPage() {
  const search = useSearch({ from: '/activations' })
  const navigate = useNavigate()
  const { state: harvests, error } = useStream('harvests.watch', undefined)
  const open = search.form === true || search.corpus !== undefined || search.from !== undefined
  const asked = useParamsOf(search.from)
  const none = harvests?.length === 0
  const { corpus, textField, stratumField, languageField } = search
  const fields = { corpus, textField, stratumField, languageField }
  const filled = Object.entries(fields).filter(([, value]) => value)
  const show = () => void navigate({ to: '/activations', search: { form: true } })
  return (
    <div className="page">
      <PageHead title="Activations" note="One layer’s residual stream, with an index of every token.">
        {!open && !none && (
          <Button variant="filled" onClick={show}>
            New harvest…
          </Button>
        )}
      </PageHead>
      {open && asked && (
        <HarvestForm
          // another corpus is another form
          key={JSON.stringify([search.from, filled])}
          initial={{ ...asked, ...Object.fromEntries(filled) }}
          onCancel={() => void navigate({ to: '/activations', search: {} })}
        />
      )}
      {error && <ErrorText error={error} />}
      {harvests && !none && <HarvestList harvests={harvests} />}
      {none && !open && (
        <section className="card empty">
          <strong>No harvests yet</strong>
          <p>
            A harvest streams a corpus through a model and keeps what one layer makes of every token, with an
            index that finds the rows of any text. Autoencoders are trained on it, and features are found in
            it.
          </p>
          <Button variant="filled" onClick={show}>
            New harvest…
          </Button>
        </section>
      )}
    </div>
  )
}

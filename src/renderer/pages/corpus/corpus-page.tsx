// A corpus before it is harvested: pick it, see what is in it, and how much.
import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Job } from '../../../shared/jobs/job.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { useLookedAt } from '../../state/use-looked-at.ts'
import { useStream } from '../../state/use-stream.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { CorpusDocuments } from './corpus-documents.tsx'
import { CorpusFaults } from './corpus-faults.tsx'
import { CorpusSize } from './corpus-size.tsx'
import { CorpusSource } from './corpus-source.tsx'
import { CorpusStrata } from './corpus-strata.tsx'

export function CorpusPage() {
  const { path, model, ...fields } = useSearch({ from: '/corpus' })
  const navigate = useNavigate({ from: '/corpus' })
  const { state: models } = useStream('models.watch', undefined)
  const counting = model ?? models?.find(({ state }) => state === 'ready')?.id
  const spec = path === undefined ? undefined : { path, ...fields }
  const look = useCall(
    'corpus.preview',
    { spec: spec ?? { path: '-' }, ...(counting !== undefined && { model: counting }) },
    spec !== undefined && models !== undefined,
  )
  const jobs = useApp((state) => state.jobs)
  const preview = spec && !look.error ? look.output : undefined
  const [looked, setLooked] = useLookedAt()
  const recent = [...new Set([...looked, ...(jobs ?? []).flatMap(recentOf)])]
  useEffect(() => {
    if (preview && path !== undefined) setLooked(path)
  }, [preview, path, setLooked])
  return (
    <div className="page corpus">
      <PageHead title="Corpus" note="Choose the text the model will read, and see what is in it.">
        {spec && preview && (
          <Button
            variant="filled"
            renderRoot={(props: Record<string, unknown>) => (
              <Link
                {...props}
                to="/activations"
                search={{
                  corpus: spec.path,
                  textField: spec.textField,
                  stratumField: spec.stratumField,
                  languageField: spec.languageField,
                }}
              />
            )}
          >
            Harvest this corpus…
          </Button>
        )}
      </PageHead>
      <CorpusSource
        key={JSON.stringify(spec)}
        {...(spec && { spec })}
        recent={recent.filter((one) => one !== path).slice(0, 5)}
        onLook={(next) => void navigate({ search: { ...next, ...(model !== undefined && { model }) } })}
      />
      {spec && look.error && (
        <section className="card" aria-label="Problem">
          <ErrorText error={look.error} />
        </section>
      )}
      {spec && !preview && !look.error && (
        <section className="card empty" aria-busy>
          <strong>Looking at {path}</strong>
          <p>The beginnings of some of its files are read; nothing is kept.</p>
        </section>
      )}
      {preview && (
        <>
          <CorpusSize
            preview={preview}
            models={models ?? []}
            {...(counting !== undefined && { model: counting })}
            onModel={(next) => void navigate({ search: (now) => ({ ...now, model: next }) })}
          />
          <div className="two-columns">
            <CorpusStrata
              title="Strata"
              none="without a stratum"
              strata={preview.sample.strata}
              more={preview.more.strata}
            />
            <CorpusStrata
              title="Languages"
              none="not named"
              strata={preview.sample.languages}
              more={preview.more.languages}
            />
          </div>
          <CorpusFaults sample={preview.sample} />
          <CorpusDocuments documents={preview.documents} />
        </>
      )}
    </div>
  )
}

/** The corpus of a harvest that was made here; one that failed may never have been there. */
function recentOf({ kind, params, state }: Job): string[] {
  return kind === 'harvest' && state !== 'failed' && typeof params.corpus === 'string' ? [params.corpus] : []
}

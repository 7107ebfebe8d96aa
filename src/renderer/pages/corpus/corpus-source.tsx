// Which corpus is looked at: a path or a data set's name with its fields, or one of those that are known.
import { Button, Title } from '@mantine/core'
import { type CorpusSpec, corpusSpecSchema } from '../../../shared/corpus.ts'
import { useCall } from '../../state/use-call.ts'
import { ConfigForm } from '../../ui/config-form.tsx'

const schema = corpusSpecSchema.pick({ path: true, textField: true, stratumField: true, languageField: true })

interface CorpusSourceProps {
  readonly spec?: CorpusSpec
  /** Paths that were looked at or harvested before. */
  readonly recent: readonly string[]
  onLook(spec: CorpusSpec): void
}

export function CorpusSource({ spec, recent, onLook }: CorpusSourceProps) {
  const { output: presets } = useCall('corpus.presets', undefined)
  return (
    <section className="card corpus-source" aria-label="Source">
      <Title order={2}>Source</Title>
      <div className="source-columns">
        <ConfigForm
          schema={schema}
          submitLabel="Look at it"
          main={Object.keys(schema.shape)}
          initial={{ ...spec }}
          onSubmit={(params) => onLook(params as CorpusSpec)}
        />
        <div className="known">
          {presets?.map(({ label, help, spec: preset }) => (
            <button type="button" key={preset.path} className="known-corpus" onClick={() => onLook(preset)}>
              <strong>{label}</strong>
              <span className="muted fine">{help}</span>
            </button>
          ))}
          {recent.length > 0 && (
            <div className="recent">
              <span className="muted fine">Looked at or harvested before</span>
              {recent.map((path) => (
                <Button
                  key={path}
                  variant="subtle"
                  size="compact-sm"
                  title={path}
                  onClick={() => onLook({ ...spec, path })}
                >
                  <span className="cut">{path}</span>
                </Button>
              ))}
            </div>
          )}
        </div>
      </div>
    </section>
  )
}

// How large a corpus is: files, bytes, documents, and an estimate of its tokens that says how it was made.
import { NativeSelect, Title } from '@mantine/core'
import type { CorpusPreview } from '../../../shared/corpus.ts'
import type { Model } from '../../../shared/models.ts'
import { formatBytes, formatCount } from '../../../shared/units.ts'
import { Fact, Facts } from '../../ui/facts.tsx'

interface CorpusSizeProps {
  readonly preview: CorpusPreview
  readonly models: readonly Model[]
  /** Whose tokenizer counted. */
  readonly model?: string
  onModel(id: string): void
}

export function CorpusSize({ preview, models, model, onModel }: CorpusSizeProps) {
  const { files, bytes, sample, complete, estimate, encodings } = preview
  const ready = models.filter(({ state }) => state === 'ready')
  const per = estimate.charactersPerToken.toFixed(2)
  const basis =
    estimate.counted === null
      ? 'A rule of thumb: four characters a token. With a model in the workspace its tokenizer counts.'
      : `Its tokenizer made ${formatCount(estimate.counted)} tokens of a sample, ${per} characters each.`
  return (
    <section className="card corpus-size" aria-label="Size">
      <Title order={2}>Size</Title>
      <div className="size-columns">
        <p className="figure">
          <strong>
            {estimate.tokens === null
              ? 'unknown'
              : `${estimate.counted !== null && complete ? '' : 'about '}${formatCount(estimate.tokens)}`}
          </strong>{' '}
          tokens
          <span className="muted fine">{basis}</span>
        </p>
        <Facts>
          <Fact name="files" value={formatCount(files)} />
          <Fact name="on disk" value={formatBytes(bytes)} />
          <Fact
            name={complete ? 'documents' : 'looked at'}
            value={`${formatCount(sample.used)} documents, ${formatCount(sample.characters)} characters`}
          />
          {encodings.length > 0 && (
            <Fact
              name={encodings.length === 1 ? 'encoding' : 'encodings'}
              value={
                encodings.length === 1
                  ? encodings[0]!.encoding.toUpperCase()
                  : encodings
                      .map(
                        ({ encoding, files: found }) => `${encoding.toUpperCase()} (${formatCount(found)})`,
                      )
                      .join(', ')
              }
            />
          )}
          {!complete && <Fact name="so far" value="a part; figures for the whole are estimates" />}
        </Facts>
        {ready.length > 0 && (
          <NativeSelect
            label="Counted by"
            value={model ?? ''}
            onChange={(event) => onModel(event.currentTarget.value)}
            data={ready.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
      </div>
    </section>
  )
}

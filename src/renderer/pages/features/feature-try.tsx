// Trying a feature on any text: its heat on what is typed, as the model reads it.
import { Textarea, Title } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useFeatureView } from '../../state/feature-view.ts'
import { peakOf, valuesOf } from '../../state/token-codes.ts'
import { useReadText } from '../../state/use-read-text.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { activationWords } from '../../../shared/heat.ts'
import { HeatText, tokenWords } from '../../ui/heat-text.tsx'

interface FeatureTryProps {
  readonly sae: string
  readonly feature: number
  /** Of the corpus: what the heat is measured by. */
  readonly max: number
}

export function FeatureTry({ sae, feature, max }: FeatureTryProps) {
  const tried = useFeatureView((view) => view.tried)
  const { output, error, busy } = useReadText(sae, tried)
  const [place, setPlace] = useState<number | null>(null)
  const values = useMemo(() => (output ? valuesOf(output, feature) : undefined), [output, feature])
  const peak = values ? peakOf(values) : -1
  return (
    <section className="feature-try" aria-label="Try it">
      <div className="card-head">
        <Title order={3}>Try it</Title>
        <span className="muted fine" role="status">
          {tried.trim() === ''
            ? ''
            : busy
              ? 'reading…'
              : peak < 0
                ? output && 'It does not fire on this text.'
                : `at most ${activationWords(values![peak]!)}, ${Math.round((100 * values![peak]!) / Math.max(max, Number.MIN_VALUE))} % of its maximum in the corpus`}
        </span>
      </div>
      <Textarea
        aria-label="A text to try it on"
        placeholder="Type or paste any text to see where it fires"
        autosize
        minRows={1}
        maxRows={8}
        size="xs"
        value={tried}
        onChange={(event) => useFeatureView.setState({ tried: event.currentTarget.value })}
      />
      {error && tried.trim() !== '' && <ErrorText error={error} />}
      {output && values && tried.trim() !== '' && !error && (
        <div className="tried" aria-busy={busy}>
          <HeatText
            label="The text as the model reads it; the arrow keys go through its tokens"
            texts={output.texts}
            values={values}
            max={Math.max(max, peak < 0 ? 0 : values[peak]!)}
            peak={peak}
            onPlace={setPlace}
          />
          <p className="muted fine">
            {place === null
              ? `${output.texts.length} tokens; point at one for its activation.`
              : tokenWords(output.texts[place] ?? '', values[place] ?? 0)}
            {output.leftOut > 0 && ` The last ${output.leftOut} tokens were left out.`}
          </p>
        </div>
      )}
    </section>
  )
}

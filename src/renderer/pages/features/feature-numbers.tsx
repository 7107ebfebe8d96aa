// What a feature's numbers look like: how strongly it fires how often, and which next tokens it makes more or less probable.
import { Title } from '@mantine/core'
import { Suspense } from 'react'
import type { FeaturePage } from '../../../shared/features.ts'
import { activationWords } from '../../../shared/heat.ts'
import { numberWords, tokenName } from '../../ui/feature-words.ts'
import { lazyPart } from '../../ui/lazy-part.ts'

const HistogramChart = lazyPart(async () => (await import('../../charts/histogram-chart.tsx')).HistogramChart)

interface FeatureNumbersProps {
  readonly page: FeaturePage
  /** Why there are no effects, where there are none. */
  readonly logitsWhy: string | null
}

export function FeatureNumbers({ page, logitsWhy }: FeatureNumbersProps) {
  const { histogram, max, firings, logits } = page
  return (
    <div className="feature-numbers">
      <div className="histograms">
        {firings > 0 && (
          <section aria-label="Activations">
            <Title order={3}>Activations</Title>
            <Suspense fallback={<div className="histogram" />}>
              <HistogramChart
                label={`How strongly it fires: ${numberWords(firings)} tokens from 0 to ${activationWords(max)}`}
                counts={histogram}
                from={0}
                to={max}
                unit="tokens"
                log
              />
            </Suspense>
          </section>
        )}
        {logits && (
          <section aria-label="Effects on all tokens">
            <Title order={3}>Effect on all tokens</Title>
            <Suspense fallback={<div className="histogram" />}>
              <HistogramChart
                label={`Its effect on the logits of all tokens, from ${signed(logits.from)} to ${signed(logits.to)}`}
                counts={logits.histogram}
                from={logits.from}
                to={logits.to}
                unit="tokens"
                log
              />
            </Suspense>
          </section>
        )}
        <p className="muted fine">tokens, on logarithmic axes</p>
      </div>
      {logits ? (
        <>
          <Effects title="Raises" sign="plus" tokens={logits.up} />
          <Effects title="Lowers" sign="minus" tokens={logits.down} />
        </>
      ) : (
        <section aria-label="Effects">
          <Title order={3}>Raises and lowers</Title>
          <p className="muted fine">{logitsWhy ?? 'The effects on the next token are not known.'}</p>
        </section>
      )}
    </div>
  )
}

interface EffectsProps {
  readonly title: string
  readonly sign: 'plus' | 'minus'
  /** The strongest first. */
  readonly tokens: readonly { readonly id: number; readonly text: string; readonly value: number }[]
}

function Effects({ title, sign, tokens }: EffectsProps) {
  const greatest = Math.max(...tokens.map(({ value }) => Math.abs(value)), Number.MIN_VALUE)
  return (
    <section aria-label={title}>
      <Title order={3}>{title}</Title>
      <ol className="effects" data-sign={sign}>
        {tokens.map(({ id, text, value }) => (
          <li key={id} style={{ '--share': `${(72 * Math.abs(value)) / greatest}%` } as React.CSSProperties}>
            <bdi className="mono cut">{tokenName(id, text)}</bdi>
            <span className="value">{signed(value)}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** "+1.82", "−0.91". */
function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
}

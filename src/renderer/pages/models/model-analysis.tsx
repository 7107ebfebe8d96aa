// What the model makes of a text: every token's probability with what was expected, and the norm of every layer.
import { Button } from '@mantine/core'
import { Suspense } from 'react'
import type { Analysis } from '../../../shared/generation.ts'
import type { AnalysisCall } from '../../state/use-analysis.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { lazyPart } from '../../ui/lazy-part.ts'
import { TokenStrip } from './token-strip.tsx'

const NormChart = lazyPart(async () => (await import('../../charts/norm-chart.tsx')).NormChart)

interface ModelAnalysisProps {
  readonly text: string
  readonly call: AnalysisCall
}

export function ModelAnalysis({ text, call }: ModelAnalysisProps) {
  const { analysis, error, busy, analyse, cancel } = call
  return (
    <>
      <div className="try-row">
        {busy ? (
          <Button onClick={cancel}>Stop</Button>
        ) : (
          <Button variant="filled" disabled={text === ''} onClick={() => analyse(text)}>
            Analyse
          </Button>
        )}
        <span className="muted" role="status">
          {busy ? 'The model reads the text…' : analysis ? summary(analysis) : ''}
        </span>
      </div>
      {error && <ErrorText error={error} />}
      {analysis && (
        <>
          <TokenStrip label="The text" tokens={analysis.tokens} />
          <h3>
            Norm of the residual stream{' '}
            <span className="muted fine">by layer and token, on a logarithmic scale</span>
          </h3>
          <Suspense fallback={<p className="muted">Drawing…</p>}>
            <NormChart analysis={analysis} />
          </Suspense>
        </>
      )}
    </>
  )
}

/** "12 tokens · 3.21 nats a token, perplexity 24.8". */
function summary({ tokens, leftOut }: Analysis): string {
  const judged = tokens.flatMap(({ logProbability }) => (logProbability === null ? [] : [logProbability]))
  const parts = [`${tokens.length} tokens`]
  if (judged.length > 0) {
    const mean = -judged.reduce((sum, value) => sum + value, 0) / judged.length
    parts.push(`${mean.toFixed(2)} nats a token, perplexity ${Math.exp(mean).toPrecision(3)}`)
  }
  if (leftOut > 0) parts.push(`the last ${leftOut} tokens of the text were left out`)
  return parts.join(' · ')
}

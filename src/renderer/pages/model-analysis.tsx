// What the model makes of a text: every token's probability with what was expected, and the norm of every layer.
import { Button } from '@mantine/core'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import type { Analysis } from '../../shared/generation.ts'
import { link } from '../state/app.ts'
import { ErrorText } from '../ui/error-text.tsx'
import { TokenStrip } from '../ui/token-strip.tsx'

const NormChart = lazy(async () => ({ default: (await import('../charts/norm-chart.tsx')).NormChart }))

export function ModelAnalysis({ model, text }: { readonly model: string; readonly text: string }) {
  const { analysis, error, busy, analyse, cancel } = useAnalysis()
  return (
    <>
      <div className="try-row">
        {busy ? (
          <Button onClick={cancel}>Stop</Button>
        ) : (
          <Button variant="filled" disabled={text === ''} onClick={() => analyse(model, text)}>
            Analyse
          </Button>
        )}
        <span className="muted" role="status">
          {busy ? 'The model reads the text…' : analysis ? summary(analysis) : ''}
        </span>
      </div>
      {error && error.kind !== 'cancelled' && <ErrorText error={error} />}
      {analysis && (
        <>
          <TokenStrip label="The text" tokens={analysis.tokens} />
          <h3>Norm of the residual stream</h3>
          <Suspense fallback={<p className="muted">Drawing…</p>}>
            <NormChart analysis={analysis} />
          </Suspense>
        </>
      )}
    </>
  )
}

function useAnalysis() {
  const [analysis, setAnalysis] = useState<Analysis>()
  const [error, setError] = useState<ErrorData>()
  const [busy, setBusy] = useState(false)
  const abort = useRef(new AbortController())
  useEffect(() => () => abort.current.abort(), [])
  const analyse = (model: string, text: string) => {
    abort.current.abort()
    const mine = (abort.current = new AbortController())
    setBusy(true)
    setError(undefined)
    link
      .call('model.analyse', { model, text }, { signal: mine.signal })
      .then(setAnalysis, (thrown: unknown) => setError(toErrorData(thrown)))
      .finally(() => {
        if (abort.current === mine) setBusy(false)
      })
  }
  return { analysis, error, busy, analyse, cancel: () => abort.current.abort() }
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

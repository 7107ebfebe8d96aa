// What a model makes of a text, asked for and cancelled by a component; it is cancelled with the component.
import { useEffect, useRef, useState } from 'react'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import type { Analysis, ModelPrecision } from '../../shared/generation.ts'
import { link } from './app.ts'

export interface AnalysisCall {
  /** Of the newest text that was analysed. */
  readonly analysis: Analysis | undefined
  /** Why the newest call failed. */
  readonly error: ErrorData | undefined
  readonly busy: boolean
  /** Cancels what runs, and asks anew. */
  analyse(text: string): void
  cancel(): void
}

export function useAnalysis(model: string, precision: ModelPrecision): AnalysisCall {
  const [analysis, setAnalysis] = useState<Analysis>()
  const [error, setError] = useState<ErrorData>()
  const [busy, setBusy] = useState(false)
  const abort = useRef(new AbortController())
  useEffect(() => () => abort.current.abort(), [])
  const analyse = (text: string) => {
    abort.current.abort()
    const mine = (abort.current = new AbortController())
    setBusy(true)
    setError(undefined)
    link
      .call('model.analyse', { model, precision, text }, { signal: mine.signal })
      .then(setAnalysis, (thrown: unknown) => {
        // a cancelled call has nothing to say any more
        if (!mine.signal.aborted) setError(toErrorData(thrown))
      })
      .finally(() => {
        if (abort.current === mine) setBusy(false)
      })
  }
  return { analysis, error, busy, analyse, cancel: () => abort.current.abort() }
}

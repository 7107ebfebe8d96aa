// The answer of a query as a value of a component; it follows its input and is cancelled with the component.
import { useEffect, useState } from 'react'
import type { CallName, InputOf, OutputOf } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import { link } from './app.ts'

interface CallValue<O> {
  /** Of the newest call that was answered: it stays while the next one is under way. */
  readonly output: O | undefined
  /** Why the newest call failed. */
  readonly error: ErrorData | undefined
  /** Asks again. */
  refresh(): void
}

/** Asks while `wanted`, and again when `stamp` is another. */
export function useCall<N extends CallName<AppContract>>(
  name: N,
  input: InputOf<AppContract[N]>,
  wanted = true,
  stamp = '',
): CallValue<OutputOf<AppContract[N]>> {
  const [round, setRound] = useState(0)
  const [output, setOutput] = useState<OutputOf<AppContract[N]>>()
  const [error, setError] = useState<ErrorData>()
  const key = JSON.stringify([name, input, stamp])
  useEffect(() => {
    if (!wanted) return
    const abort = new AbortController()
    link.call(name, input, { signal: abort.signal }).then(
      (answer) => {
        if (abort.signal.aborted) return
        setOutput(answer)
        setError(undefined)
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) setError(toErrorData(thrown))
      },
    )
    return () => abort.abort()
    // the key stands for name, input and stamp
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, wanted, round])
  return { output, error, refresh: () => setRound((before) => before + 1) }
}

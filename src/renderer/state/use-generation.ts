// A completion that a component starts and stops; it is cancelled with the component.
import { useEffect, useRef, useState } from 'react'
import type { GenerationState } from '../../shared/contract/generation.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { InputOf } from '../../shared/contract/define.ts'
import type { ErrorData } from '../../shared/errors.ts'
import { link } from './app.ts'

interface Generation {
  /** Of the newest completion, or what came of it until it ended; undefined before the first. */
  readonly state: GenerationState | undefined
  readonly error: ErrorData | undefined
  readonly running: boolean
  /** Cancels what runs, and begins anew. */
  start(input: InputOf<AppContract['model.generate']>): void
  /** What came until now stays. */
  stop(): void
}

export function useGeneration(): Generation {
  const [state, setState] = useState<GenerationState>()
  const [error, setError] = useState<ErrorData>()
  const [running, setRunning] = useState(false)
  const unsubscribe = useRef<() => void>(() => undefined)
  useEffect(() => () => unsubscribe.current(), [])
  return {
    ...{ state, error, running },
    start: (input) => {
      unsubscribe.current()
      setState(undefined)
      setError(undefined)
      setRunning(true)
      unsubscribe.current = link.subscribe('model.generate', input, {
        state: setState,
        end: (problem) => {
          setError(problem)
          setRunning(false)
        },
      })
    },
    stop: () => {
      unsubscribe.current()
      setRunning(false)
    },
  }
}

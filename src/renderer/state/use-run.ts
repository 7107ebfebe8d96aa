// A stream that a person starts and stops: a completion, a sweep, a run of the prompt lab; it is cancelled with the component.
import { useEffect, useRef, useState } from 'react'
import type { InputOf, StateOf, StreamName } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { ErrorData } from '../../shared/errors.ts'
import { link } from './app.ts'

interface Run<I, S> {
  /** Of the newest, or what came of it until it ended; undefined before the first. */
  readonly state: S | undefined
  readonly error: ErrorData | undefined
  readonly running: boolean
  /** Cancels what runs, and begins anew; `onDone` hears of what came when it is whole. */
  start(input: I, onDone?: (state: S) => void): void
  /** What came until now stays. */
  stop(): void
}

export function useRun<N extends StreamName<AppContract>>(
  name: N,
): Run<InputOf<AppContract[N]>, StateOf<AppContract[N]>> {
  const [state, setState] = useState<StateOf<AppContract[N]>>()
  const [error, setError] = useState<ErrorData>()
  const [running, setRunning] = useState(false)
  const unsubscribe = useRef<() => void>(() => undefined)
  useEffect(() => () => unsubscribe.current(), [])
  return {
    ...{ state, error, running },
    start: (input, onDone) => {
      unsubscribe.current()
      setState(undefined)
      setError(undefined)
      setRunning(true)
      let last: StateOf<AppContract[N]> | undefined
      unsubscribe.current = link.subscribe(name, input, {
        state: (now) => {
          last = now
          setState(now)
        },
        end: (problem) => {
          setError(problem)
          setRunning(false)
          if (!problem && last !== undefined) onDone?.(last)
        },
      })
    },
    stop: () => {
      unsubscribe.current()
      setRunning(false)
    },
  }
}

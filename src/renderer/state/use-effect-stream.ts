// A sweep or a measurement that a person starts and stops; it is cancelled with the component.
import { useEffect, useRef, useState } from 'react'
import type { InputOf, StateOf } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { ErrorData } from '../../shared/errors.ts'
import { link } from './app.ts'

type EffectName = 'steering.sweep' | 'steering.measure'

interface EffectStream<N extends EffectName> {
  /** Of the newest, or what came of it until it ended; undefined before the first. */
  readonly state: StateOf<AppContract[N]> | undefined
  readonly error: ErrorData | undefined
  readonly running: boolean
  /** Cancels what runs, and begins anew; `onDone` hears of what came when it is whole. */
  start(input: InputOf<AppContract[N]>, onDone?: (state: StateOf<AppContract[N]>) => void): void
  /** What came until now stays. */
  stop(): void
}

export function useEffectStream<N extends EffectName>(name: N): EffectStream<N> {
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

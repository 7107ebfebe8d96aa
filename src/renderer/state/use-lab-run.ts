// A run of the prompt lab that a page starts and cancels; it is cancelled with the page.
import { useEffect, useRef, useState } from 'react'
import type { InputOf } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { ErrorData } from '../../shared/errors.ts'
import { link } from './app.ts'

interface Progress {
  readonly done: number
  readonly total: number
}

/** `onSaved` is told the id of a run that ended well. */
export function useLabRun(onSaved: (run: string) => void) {
  const [progress, setProgress] = useState<Progress>()
  const [error, setError] = useState<ErrorData>()
  const unsubscribe = useRef<() => void>(() => undefined)
  useEffect(() => () => unsubscribe.current(), [])
  return {
    /** Undefined while nothing runs. */
    progress,
    error,
    start: (input: InputOf<AppContract['lab.run']>) => {
      unsubscribe.current()
      setError(undefined)
      setProgress({ done: 0, total: 0 })
      let saved: string | null = null
      unsubscribe.current = link.subscribe('lab.run', input, {
        state: ({ done, total, run }) => {
          setProgress({ done, total })
          saved = run
        },
        end: (problem) => {
          setProgress(undefined)
          setError(problem)
          if (!problem && saved !== null) onSaved(saved)
        },
      })
    },
    stop: () => {
      unsubscribe.current()
      setProgress(undefined)
    },
  }
}

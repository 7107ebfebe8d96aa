// What an estimate says is impossible, handed to the form beside it, which then cannot be started.
import { useEffect } from 'react'
import type { ErrorData } from '../../shared/errors.ts'

/** Told of the reason, and of undefined once there is none. Must be the same function each time. */
export type OnRefusal = (reason: string | undefined) => void

/** Tells of `lacks`, or of why the estimate itself was refused; with the component that asked it ends. */
export function useRefusal(onRefusal: OnRefusal, error: ErrorData | undefined, lacks: string | undefined) {
  // a host that is away, or a fault of ours, does not make it impossible
  const counts = error?.kind === 'expected' && !error.code.startsWith('wire/')
  const reason = error ? (counts ? error.message : undefined) : lacks
  useEffect(() => {
    onRefusal(reason)
    return () => onRefusal(undefined)
  }, [onRefusal, reason])
}

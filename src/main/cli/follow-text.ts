// Follows texts that grow on the host to their end; Ctrl-C cancels them.
import { cancelled, type ErrorData, fromErrorData } from '../../shared/errors.ts'

interface Listener<S> {
  state(state: S): void
  end(error?: ErrorData): void
}

/** Tells every state, and resolves with the last; `subscribe` returns what ends it. Rejects with the stream's error. */
export function followed<S>(
  subscribe: (listener: Listener<S>) => () => void,
  onState: (state: S) => void,
): Promise<S> {
  return new Promise((done, reject) => {
    let last: S | undefined
    const stop = subscribe({
      state: (state) => {
        last = state
        onState(state)
      },
      end: (error) => {
        leave()
        if (error) reject(fromErrorData(error))
        else if (last !== undefined) done(last)
      },
    })
    const onInterrupt = () => {
      leave()
      stop()
      reject(cancelled())
    }
    const leave = () => {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onInterrupt)
    }
    process.on('SIGINT', onInterrupt)
    process.on('SIGTERM', onInterrupt)
  })
}

/** The text of a row so far. */
export function textOf(row: { readonly tokens: readonly { readonly text: string }[] } | undefined): string {
  return (row?.tokens ?? []).map(({ text }) => text).join('')
}

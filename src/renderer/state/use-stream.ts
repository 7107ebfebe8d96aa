// A stream of the host as a value of a component; it follows its input and ends with the component.
import { useEffect, useState } from 'react'
import type { InputOf, StateOf, StreamName } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { ErrorData } from '../../shared/errors.ts'
import { link } from './app.ts'

interface StreamValue<S> {
  /** Undefined until the snapshot has come. */
  readonly state: S | undefined
  readonly error: ErrorData | undefined
}

export function useStream<N extends StreamName<AppContract>>(
  name: N,
  input: InputOf<AppContract[N]>,
): StreamValue<StateOf<AppContract[N]>> {
  const key = JSON.stringify([name, input])
  const [value, setValue] = useState<StreamValue<StateOf<AppContract[N]>> & { key: string }>({
    key,
    state: undefined,
    error: undefined,
  })
  useEffect(
    () =>
      link.subscribe(name, input, {
        state: (state) => setValue({ key, state, error: undefined }),
        end: (error) => setValue({ key, state: undefined, error }),
      }),
    // the key stands for name and input
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [key],
  )
  return value.key === key ? value : { state: undefined, error: undefined }
}

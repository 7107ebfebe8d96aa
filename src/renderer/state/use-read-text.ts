// A text as the model and the SAE read it, asked for once typing pauses; an answer to an earlier text is dropped.
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import type { ReadText } from '../../shared/features.ts'
import { link } from './app.ts'

/** Milliseconds after the last key in which nothing is read. */
const PAUSE = 200

interface Answer {
  /** Of which SAE and text. */
  readonly key: string
  readonly output?: ReadText
  readonly error?: ErrorData
}

/**
 * All features of all its tokens, so that from feature to feature nothing has to be asked again. What was read stays
 * while the next text is read; nothing for an empty text.
 */
export function useReadText(sae: string, text: string) {
  const [settled] = useDebouncedValue(text, PAUSE)
  const [answer, setAnswer] = useState<Answer>({ key: '' })
  const wanted = text.trim() !== ''
  const key = settled.trim() === '' ? '' : JSON.stringify([sae, settled])
  useEffect(() => {
    if (key === '') return
    const abort = new AbortController()
    link.call('features.read', { sae, text: settled }, { signal: abort.signal }).then(
      (output) => {
        if (!abort.signal.aborted) setAnswer({ key, output })
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) setAnswer({ key, error: toErrorData(thrown) })
      },
    )
    return () => abort.abort()
    // the key stands for SAE and text
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key])
  return {
    output: wanted ? answer.output : undefined,
    error: wanted ? answer.error : undefined,
    busy: wanted && (settled !== text || answer.key !== key),
  }
}

// The indexes of SAEs, the table of one, and what was noted of its features, as values of a component.
import { useEffect, useMemo, useState } from 'react'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import type { FeatureIndex, FeatureTable } from '../../shared/features.ts'
import { link, useJobStamp } from './app.ts'
import type { Notes } from './feature-rows.ts'
import { useStream } from './use-stream.ts'

type IndexesBySae = ReadonlyMap<string, readonly FeatureIndex[]>

/** By id, the newest first; undefined until all have answered. Asked for again when an index job begins or ends. */
export function useIndexes(saes: readonly string[]): {
  readonly indexes: IndexesBySae | undefined
  readonly error: ErrorData | undefined
  /** Asks again. */
  refresh(): void
} {
  const [round, setRound] = useState(0)
  const [indexes, setIndexes] = useState<IndexesBySae>()
  const [error, setError] = useState<ErrorData>()
  const stamp = useJobStamp('index')
  const key = saes.join()
  useEffect(() => {
    const ids = key === '' ? [] : key.split(',')
    const abort = new AbortController()
    Promise.all(
      ids.map(
        async (sae) => [sae, await link.call('features.indexes', { sae }, { signal: abort.signal })] as const,
      ),
    ).then(
      (found) => {
        if (abort.signal.aborted) return
        setIndexes(new Map(found))
        setError(undefined)
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) setError(toErrorData(thrown))
      },
    )
    return () => abort.abort()
  }, [key, stamp, round])
  return { indexes, error, refresh: () => setRound((before) => before + 1) }
}

/** The newest table stays when a page is left: of 65,536 features it is several megabytes. */
let kept: { readonly key: string; readonly table: FeatureTable } | undefined

/** Of a ready index. */
export function useFeatureTable(
  sae: string,
  index: FeatureIndex | undefined,
): { readonly table: FeatureTable | undefined; readonly error: ErrorData | undefined } {
  const key = index?.state === 'ready' ? `${sae} ${index.harvest} ${index.at}` : ''
  const [answer, setAnswer] = useState<{ key: string; table?: FeatureTable; error?: ErrorData }>({ key: '' })
  const harvest = index?.harvest ?? ''
  useEffect(() => {
    if (key === '' || kept?.key === key) return
    const abort = new AbortController()
    link.call('features.table', { sae, harvest }, { signal: abort.signal }).then(
      (table) => {
        kept = { key, table }
        setAnswer({ key, table })
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) setAnswer({ key, error: toErrorData(thrown) })
      },
    )
    return () => abort.abort()
  }, [key, sae, harvest])
  const own = answer.key === key ? answer : undefined
  return {
    table: own?.table ?? (key !== '' && kept?.key === key ? kept.table : undefined),
    error: own?.error,
  }
}

/** By feature, live. */
export function useNotes(sae: string): Notes {
  const { state } = useStream('features.watchNotes', { sae })
  return useMemo(() => new Map((state ?? []).map((note) => [note.feature, note])), [state])
}

// The rows of a harvest by any text: search, open a context, choose a token, and see its row and those like it.
import { TextInput, Title } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useCall } from '../../state/use-call.ts'
import { usePaused } from '../../state/use-paused.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { HarvestContext } from './harvest-context.tsx'
import { HarvestHits } from './harvest-hits.tsx'
import { HarvestRowCard } from './harvest-row.tsx'

interface HarvestBrowserProps {
  readonly id: string
  readonly rows: number
  readonly contexts: number
  /** Of the calibration: what a norm is compared with. */
  readonly medianNorm: number
}

/** Milliseconds after the last key in which nothing is searched. */
const PAUSE = 200
/** Hits asked for at first, and with each further click. */
const PAGE = 50

export function HarvestBrowser({ id, rows, contexts, medianNorm }: HarvestBrowserProps) {
  const { q = '', context, row: given, at } = useSearch({ from: '/activations/$id' })
  const navigate = useNavigate({ from: '/activations/$id' })
  const [typed, setTyped] = useState(q)
  const [most, setMost] = useState(PAGE)
  const wanted = q.trim() !== ''
  const search = useCall('harvests.search', { id, text: q, limit: most }, wanted)
  const find = usePaused((text) => {
    setMost(PAGE)
    void navigate({ search: (now) => ({ ...now, q: text === '' ? undefined : text }), replace: true })
  }, PAUSE)
  const open = (place: number, of?: number) =>
    void navigate({ search: (now) => ({ ...now, context: place, row: of, at: undefined }) })
  const shown = useCall('harvests.context', { id, context: context ?? 0 })
  const view = shown.output?.context === (context ?? 0) ? shown.output : undefined
  // a link from a feature knows the place in the context only
  const row = given ?? (view && at !== undefined ? view.firstRow + at : undefined)
  const hits = wanted && !search.error ? search.output : undefined
  const ranges = useMemo(
    () => hits?.hits.find((hit) => hit.context === view?.context)?.ranges ?? [],
    [hits, view],
  )
  const chosen = view && row !== undefined ? view.tokens[row - view.firstRow] : undefined
  return (
    <section className="card browser" aria-label="Rows">
      <div className="card-head">
        <Title order={2}>Rows by text</Title>
        <span className="muted fine">
          {rows.toLocaleString('en-US')} rows in {contexts.toLocaleString('en-US')} contexts
        </span>
      </div>
      <TextInput
        size="sm"
        aria-label="Search the text of the contexts"
        placeholder='Search any text: words, "a phrase", begin*, *part*, this OR that, -without'
        leftSection={<IconSearch size={16} />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          find(event.currentTarget.value)
        }}
      />
      <div className="browser-columns">
        <div className="hits-side">
          {wanted && search.error ? (
            <ErrorText error={search.error} />
          ) : (
            <HarvestHits
              {...(hits && { found: hits })}
              wanted={wanted}
              open={context ?? 0}
              onOpen={(hit) => open(hit.context)}
              onMore={() => setMost(most + PAGE)}
            />
          )}
        </div>
        <div className="context-side">
          {shown.error ? (
            <ErrorText error={shown.error} />
          ) : view ? (
            <HarvestContext
              key={view.context}
              view={view}
              ranges={ranges}
              contexts={contexts}
              {...(chosen && row !== undefined && { row })}
              onRow={(next) =>
                void navigate({
                  search: (now) => ({ ...now, context: view.context, row: next }),
                  replace: true,
                })
              }
              onContext={(next) => open(next)}
            />
          ) : (
            <p className="muted late">Reading the context…</p>
          )}
          {chosen && row !== undefined && view && (
            <HarvestRowCard
              id={id}
              row={row}
              token={chosen}
              view={view}
              medianNorm={medianNorm}
              onOpen={(near) => open(near.context, near.row)}
            />
          )}
        </div>
      </div>
    </section>
  )
}

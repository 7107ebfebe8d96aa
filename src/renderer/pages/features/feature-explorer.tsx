// The explorer: the search box, all features as a table or a map, any text, and beside them the feature that is chosen.
import { SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { FeatureIndex } from '../../../shared/features.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { useFeatureKeys } from '../../app/feature-keys.ts'
import { steer } from '../../app/steer.ts'
import { act } from '../../state/actions.ts'
import { allRows, labelOf, rowsOf } from '../../state/feature-rows.ts'
import { useFeatureView } from '../../state/feature-view.ts'
import { useFeatureTable, useNotes } from '../../state/use-features.ts'
import { usePaused } from '../../state/use-paused.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { numberWords } from '../../ui/feature-words.ts'
import { ReportButton } from '../../ui/report-button.tsx'
import { searchOf } from '../../ui/search-mode.ts'
import { columnsOf } from './feature-columns.ts'
import { FeatureColumns, FeatureFilters } from './feature-filters.tsx'
import { FeatureHits } from './feature-hits.tsx'
import { FeatureMap } from './feature-map.tsx'
import { FeatureSearch } from './feature-search.tsx'
import { FeatureTable } from './feature-table.tsx'
import { FeatureText } from './feature-text.tsx'
import { FeatureTokenHits } from './feature-token-hits.tsx'
import { FeatureView } from './feature-view.tsx'
import { LabelEdit } from './label-edit.tsx'

/** Where there is room for a feature beside the table; the same as in the style sheet. */
const WIDE = '(min-width: 1200px)'
/** Milliseconds after the last key in which the address stays as it is. */
const PAUSE = 300

/** Features that are added to a report at once. */
const MOST_REPORTED = 1_000

interface FeatureExplorerProps {
  readonly sae: SaeEntry
  readonly index: FeatureIndex
}

export function FeatureExplorer({ sae: { id: sae }, index }: FeatureExplorerProps) {
  const { harvest, manifest } = index
  const search = useSearch({ from: '/features' })
  const navigate = useNavigate({ from: '/features' })
  const go = useNavigate()
  const wide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false })
  const { table, error } = useFeatureTable(sae, index)
  const notes = useNotes(sae)
  const { filter, order, columns } = useFeatureView()
  const mode = search.mode ?? 'auto'
  const view = search.view ?? 'table'
  const [typed, setTyped] = useTyped(search.q ?? '', (q) =>
    navigate({ search: (now) => ({ ...now, q: q === '' ? undefined : q }), replace: true }),
  )
  const [labelling, setLabelling] = useState<number>()
  const field = useRef<HTMLInputElement>(null)
  const results = useRef<HTMLDivElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const sought = searchOf(typed, mode)

  const label = sought.kind === 'label' ? sought.text : ''
  const only = sought.kind === 'feature' ? sought.feature : null
  const rows = useMemo(
    () =>
      table &&
      rowsOf(
        table,
        notes,
        // one that is asked for by its number is shown whatever it is
        only === null ? { ...filter, label } : { ...allRows, without: [], feature: only },
        order,
      ),
    [table, notes, filter, label, only, order],
  )
  const shownColumns = useMemo(
    () => columnsOf(manifest).filter(({ column }) => columns.includes(column)),
    [manifest, columns],
  )
  // beside what a search found another feature would be a riddle
  const first = sought.kind === 'contexts' || sought.kind === 'token' ? undefined : rows?.[0]
  const chosen = search.feature ?? (wide ? first : undefined)

  // another one begins at its top
  useEffect(() => {
    // newer browsers answer with a promise, which is no clean-up
    panel.current?.scrollTo(0, 0)
  }, [chosen])
  const choose = useCallback(
    (feature: number) => void navigate({ search: (now) => ({ ...now, feature }), replace: true }),
    [navigate],
  )
  const open = useCallback(
    (feature: number) =>
      void go({ to: '/features/$sae/$harvest/$feature', params: { sae, harvest, feature: String(feature) } }),
    [go, sae, harvest],
  )
  const pick = wide ? choose : open
  const step = (by: number) => {
    const listed = listedIn(results.current) ?? rows
    if (!listed || listed.length === 0) return
    const at = chosen === undefined ? -1 : listed.indexOf(chosen)
    const next = listed[Math.min(listed.length - 1, Math.max(0, at < 0 ? 0 : at + by))]
    if (next === undefined) return
    choose(next)
    // the keys that follow are meant for what was chosen, not for what was pressed before
    const table = results.current?.querySelector<HTMLElement>('[role="grid"]')
    if (table) table.focus({ preventScroll: true })
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }
  useFeatureKeys({
    j: () => step(1),
    k: () => step(-1),
    '/': () => field.current?.focus(),
    ...(chosen !== undefined && {
      Enter: () => open(chosen),
      s: () => void steer(go, sae, chosen),
      l: () => setLabelling(chosen),
      x: () => void act('features.annotate', { sae, feature: chosen, starred: !notes.get(chosen)?.starred }),
    }),
  })

  function type(next: string) {
    const meant = searchOf(next, mode)
    if (meant.kind !== 'text') {
      setTyped(next)
      // what is searched for stands where the text was
      if (meant.kind !== 'none' && view === 'text') show('table')
      return
    }
    useFeatureView.setState({ read: meant.text })
    setTyped('')
    show('text')
  }
  function show(next: typeof view) {
    void navigate({ search: (now) => ({ ...now, view: next === 'table' ? undefined : next }), replace: true })
  }

  if (error) return <ErrorText error={error} />
  if (!table || !rows) return <p className="muted late">Reading the features…</p>
  const of = { sae, harvest, notes, chosen, onChoose: pick }
  // elsewhere no row has a place for the label
  const inTable = sought.kind !== 'contexts' && sought.kind !== 'token' && view !== 'text' && rows.length > 0
  return (
    <>
      <FeatureSearch
        field={field}
        typed={typed}
        mode={mode}
        onTyped={type}
        onMode={(next) => {
          if (next === 'text') return show('text')
          void navigate({
            search: (now) => ({ ...now, mode: next === 'auto' ? undefined : next }),
            replace: true,
          })
          field.current?.focus()
        }}
        onEnter={() => {
          const [first] = listedIn(results.current) ?? rows
          if (first !== undefined) pick(first)
        }}
      >
        <FeatureFilters manifest={manifest} notes={notes} />
      </FeatureSearch>
      <div className="explorer">
        <div className="explorer-list" ref={results}>
          {labelling !== undefined && !inTable && (
            <div className="label-bar">
              <b>{labelling}</b>
              <LabelEdit
                {...{ sae, feature: labelling, label: labelOf(notes.get(labelling)), instead: '' }}
                editing
                onEditing={() => setLabelling(undefined)}
              />
            </div>
          )}
          {sought.kind === 'contexts' ? (
            <div className="card">
              <FeatureHits text={sought.text} {...of} />
            </div>
          ) : sought.kind === 'token' ? (
            <div className="card">
              <FeatureTokenHits text={sought.text} {...of} />
            </div>
          ) : (
            <>
              <div className="explorer-bar">
                <SegmentedControl
                  size="xs"
                  aria-label="How features are shown"
                  value={view}
                  onChange={(next) => show(next)}
                  data={[
                    { value: 'table', label: 'Table' },
                    { value: 'map', label: 'Map' },
                    { value: 'text', label: 'Any text' },
                  ]}
                />
                {view !== 'text' && (
                  <>
                    <span className="muted fine" role="status">
                      {rows.length === table.features
                        ? `all ${numberWords(rows.length)}`
                        : `${numberWords(rows.length)} of ${numberWords(table.features)}`}
                    </span>
                    <span className="end">
                      {rows.length < table.features && rows.length > 0 && rows.length <= MOST_REPORTED && (
                        <ReportButton
                          section={{ kind: 'features', sae, harvest, features: [...rows] }}
                          size="compact-xs"
                        />
                      )}
                      <FeatureColumns manifest={manifest} />
                    </span>
                  </>
                )}
              </div>
              {view === 'text' ? (
                <FeatureText table={table} {...of} />
              ) : (
                <>
                  {view === 'map' && <FeatureMap table={table} onOpen={pick} />}
                  {rows.length === 0 ? (
                    <div className="card empty">
                      <strong>{sought.kind === 'label' ? 'No label has that' : 'No feature passes'}</strong>
                      <p>
                        {sought.kind === 'label'
                          ? 'Labels are given by hand: a feature’s pencil, or the key l.'
                          : 'The filters leave none over.'}
                      </p>
                    </div>
                  ) : (
                    <FeatureTable
                      {...{ sae, table, notes, rows, chosen, labelling }}
                      columns={shownColumns}
                      onChoose={pick}
                      onLabelling={setLabelling}
                    />
                  )}
                </>
              )}
            </>
          )}
        </div>
        {wide && (
          <div
            ref={panel}
            className="card explorer-feature"
            tabIndex={0}
            role="region"
            aria-label="The feature"
          >
            {chosen === undefined ? (
              <p className="muted lead">Choose a feature to see what it fires on.</p>
            ) : (
              <FeatureView {...{ sae, index, table, notes }} feature={chosen} beside onOpen={choose} />
            )}
          </div>
        )}
      </div>
    </>
  )
}

/** What is typed; the address follows when typing pauses, and what is typed follows an address from elsewhere. */
function useTyped(q: string, onSettled: (q: string) => unknown): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(q)
  const [told, setTold] = useState(q)
  const settle = usePaused((text) => {
    setTold(text)
    onSettled(text)
  }, PAUSE)
  const [seen, setSeen] = useState(q)
  if (q !== seen) {
    setSeen(q)
    if (q !== told) {
      setTold(q)
      setTyped(q)
    }
  }
  return [
    typed,
    (text) => {
      setTyped(text)
      settle(text)
    },
  ]
}

/** The features of a list of results, in order; undefined where there is none. */
function listedIn(results: HTMLElement | null): number[] | undefined {
  const found = [...(results?.querySelectorAll<HTMLElement>('[data-feature]') ?? [])]
  return found.length === 0 ? undefined : found.map(({ dataset }) => Number(dataset.feature))
}

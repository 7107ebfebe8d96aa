// The features of a run, a row each, in the order of a column; only visible rows are drawn.
import { useVirtualizer } from '@tanstack/react-virtual'
import { Fragment, useRef } from 'react'
import { type LabMeasure, type LabRun, relations, relationWords } from '../../../shared/prompt-lab.ts'
import { formatPercent } from '../../../shared/units.ts'
import { activationWords } from '../../../shared/heat.ts'
import { type LabColumn, type LabOrder, labValue } from './lab-rows.ts'

interface LabTableProps {
  readonly run: LabRun
  readonly measure: LabMeasure
  readonly order: LabOrder
  /** Places of the run's columns, in order. */
  readonly rows: Uint32Array
  readonly chosen: number | undefined
  readonly first: string
  readonly second: string
  /** Its label or main token; empty where neither is known. */
  nameOf(feature: number): string
  onOrder(order: LabOrder): void
  onChoose(feature: number): void
}

/** Pixels; the same as in the style sheet. */
const ROW = 30

export function LabTable(props: LabTableProps) {
  const { run, measure, order, rows, chosen, first, second, nameOf, onOrder, onChoose } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    scrollPaddingStart: ROW,
    paddingStart: ROW,
  })
  const columns: readonly (readonly [LabColumn, string])[] = [
    ['feature', '#'],
    ['a', `mean ${first}`],
    ...(run.sides.length > 1
      ? ([
          ['b', `mean ${second}`],
          ['difference', 'difference'],
          ['effect', 'Cohen’s d'],
        ] as const)
      : []),
    ['shareA', run.sides.length > 1 ? `fires ${first}` : 'fires in'],
    ...(run.sides.length > 1 ? ([['shareB', `fires ${second}`]] as const) : []),
    ...(run.relation ? ([['relation', 'language']] as const) : []),
  ]
  function onKey(event: React.KeyboardEvent) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
    if (step === undefined || rows.length === 0) return
    event.preventDefault()
    const before = chosen === undefined ? -1 : rows.findIndex((at) => run.features[at] === chosen)
    const to = Math.min(rows.length - 1, Math.max(0, before + step))
    onChoose(run.features[rows[to]!]!)
    virtual.scrollToIndex(to, { align: 'auto' })
  }
  return (
    <div
      className="feature-table lab-table"
      ref={scroller}
      role="grid"
      aria-label="Features of the run"
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      style={{ '--tracks': tracks(columns.map(([column]) => column)) } as React.CSSProperties}
      onKeyDown={onKey}
    >
      <div role="rowgroup" className="head">
        <div role="row" className="feature-row" aria-rowindex={1}>
          {columns.map(([column, title]) => {
            const sorted = order.column === column
            return (
              <Fragment key={column}>
                <div
                  role="columnheader"
                  data-numeric
                  aria-sort={sorted ? (order.descending ? 'descending' : 'ascending') : 'none'}
                >
                  <button
                    type="button"
                    className="cut"
                    title={`Sort by ${title}`}
                    onClick={() =>
                      onOrder({ column, descending: sorted ? !order.descending : column !== 'feature' })
                    }
                  >
                    {title}
                    {sorted && (order.descending ? ' ↓' : ' ↑')}
                  </button>
                </div>
                {column === 'feature' && (
                  <div role="columnheader" className="cut">
                    name
                  </div>
                )}
              </Fragment>
            )
          })}
        </div>
      </div>
      <div role="rowgroup" className="rows" style={{ height: virtual.getTotalSize() - ROW }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const at = rows[index]!
          const feature = run.features[at]!
          return (
            <div
              key={feature}
              role="row"
              className="feature-row"
              aria-rowindex={index + 2}
              aria-selected={feature === chosen}
              style={{ transform: `translateY(${start - ROW}px)` }}
              onClick={() => onChoose(feature)}
            >
              {columns.map(([column]) => (
                <Fragment key={column}>
                  <div role="gridcell" data-numeric>
                    {cell(run, measure, column, at)}
                  </div>
                  {column === 'feature' && (
                    <div role="gridcell" className="cut">
                      <bdi>{nameOf(feature)}</bdi>
                    </div>
                  )}
                </Fragment>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** A name stands behind the number; the words for a relation need more room than a number. */
function tracks(columns: readonly LabColumn[]): string {
  const width = { feature: '42px minmax(84px, 1.4fr)', relation: 'minmax(112px, 1fr)' }
  return columns
    .map((column) => (column in width ? width[column as keyof typeof width] : 'minmax(54px, 1fr)'))
    .join(' ')
}

function cell(run: LabRun, measure: LabMeasure, column: LabColumn, at: number): string {
  const value = labValue(run, measure, column, at)
  if (Number.isNaN(value)) return '–'
  if (column === 'feature') return String(value)
  if (column === 'relation') return relationWords(run, relations[value] ?? 'other')
  if (column === 'shareA' || column === 'shareB') return formatPercent(value)
  if (column === 'effect') return value.toFixed(2)
  return activationWords(value)
}

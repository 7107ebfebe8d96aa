// All features, a row each; only visible rows are drawn. Heads sort, the keyboard goes through them.
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef } from 'react'
import { type FeatureFlag, flagsOf, flagTitles } from '../../../shared/feature-flags.ts'
import type { FeatureNote } from '../../../shared/feature-notes.ts'
import { type FeatureTable as Table, SPARK_BINS } from '../../../shared/features.ts'
import { labelOf, type Notes, type RowColumn } from '../../state/feature-rows.ts'
import { orderBy, useFeatureView } from '../../state/feature-view.ts'
import { densityWords, numberWords, mainToken } from '../../ui/feature-words.ts'
import { activationWords } from '../../../shared/heat.ts'
import type { ColumnInfo } from './feature-columns.ts'
import { FlagTags } from './flag-tags.tsx'
import { LabelEdit } from './label-edit.tsx'
import { StarButton } from './star-button.tsx'

interface FeatureTableProps {
  readonly sae: string
  readonly table: Table
  readonly columns: readonly ColumnInfo[]
  readonly notes: Notes
  /** Features, in order. */
  readonly rows: Uint32Array
  readonly chosen: number | undefined
  /** The feature whose label is being changed in the table. */
  readonly labelling: number | undefined
  onChoose(feature: number): void
  onLabelling(feature: number | undefined): void
}

/** Pixels; the same as in the style sheet. */
const ROW = 30
const HEAD = 30
/** Of the columns that are always there, and between all of them. */
const NUMBER = 42
const STAR = 20
const GAP = 8

function tracksOf({ least, grows }: Pick<ColumnInfo, 'least' | 'grows'>): string {
  return grows === undefined ? `${least}px` : `minmax(${least}px, ${grows}fr)`
}

export function FeatureTable(props: FeatureTableProps) {
  const { sae, table, columns, notes, rows, chosen, labelling, onChoose, onLabelling } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    scrollPaddingStart: HEAD,
    paddingStart: HEAD,
  })
  const place = chosen === undefined ? -1 : rows.indexOf(chosen)
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: 'auto' })
    // it is brought into sight when another one is chosen, not when the list is scrolled
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [place, rows])
  const all = [{ least: NUMBER }, { least: STAR }, ...columns]
  const layout = {
    '--tracks': all.map(tracksOf).join(' '),
    '--least': `${all.reduce((sum, { least }) => sum + least + GAP, 2 * GAP)}px`,
  }
  return (
    <div
      className="feature-table"
      ref={scroller}
      role="grid"
      aria-label="Features"
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      style={layout as React.CSSProperties}
    >
      <div role="rowgroup" className="head">
        <div role="row" className="feature-row" aria-rowindex={1}>
          <Head column="feature" title="#" numeric />
          <Head column="starred" title="★" name="Star" />
          {columns.map(({ column, title, name, numeric }) => (
            <Head key={column} column={column} title={title} name={name} numeric={numeric} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="rows" style={{ height: virtual.getTotalSize() - HEAD }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const feature = rows[index]!
          return (
            <FeatureRow
              key={feature}
              {...{ sae, table, columns, feature, index }}
              note={notes.get(feature)}
              top={start - HEAD}
              chosen={feature === chosen}
              labelling={feature === labelling}
              onChoose={onChoose}
              onLabelling={onLabelling}
            />
          )
        })}
      </div>
    </div>
  )
}

interface HeadProps {
  readonly column: RowColumn | 'sparks'
  readonly title: string
  /** What it is said to be, where its title is short. */
  readonly name?: string | undefined
  readonly numeric?: boolean | undefined
}

function Head({ column, title, name = title, numeric }: HeadProps) {
  const order = useFeatureView((view) => view.order)
  if (column === 'sparks') {
    return (
      <div role="columnheader" className="cut">
        {title}
      </div>
    )
  }
  const sorted = order.column === column
  return (
    <div
      role="columnheader"
      data-numeric={numeric}
      aria-sort={sorted ? (order.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className="cut"
        title={`Sort by ${name.toLowerCase()}`}
        onClick={() => orderBy(column)}
      >
        {column === 'starred' ? (
          <span aria-label={name} role="img">
            {title}
          </span>
        ) : (
          title
        )}
        {sorted && (order.descending ? ' ↓' : ' ↑')}
      </button>
    </div>
  )
}

interface FeatureRowProps extends Pick<
  FeatureTableProps,
  'sae' | 'table' | 'columns' | 'onChoose' | 'onLabelling'
> {
  readonly feature: number
  readonly index: number
  readonly note: FeatureNote | undefined
  /** Pixels. */
  readonly top: number
  readonly chosen: boolean
  readonly labelling: boolean
}

const FeatureRow = memo(function FeatureRow(props: FeatureRowProps) {
  const { sae, table, columns, feature, index, note, top, chosen, labelling, onChoose, onLabelling } = props
  return (
    <div
      role="row"
      className="feature-row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onChoose(feature)}
      onDoubleClick={() => onLabelling(feature)}
    >
      <div role="gridcell" data-numeric>
        {feature}
      </div>
      <div role="gridcell">
        <StarButton sae={sae} feature={feature} starred={note?.starred ?? false} size="xs" />
      </div>
      {columns.map(({ column, numeric }) => (
        <div key={column} role="gridcell" className="cut" data-numeric={numeric}>
          {column === 'label' ? (
            <LabelEdit
              sae={sae}
              feature={feature}
              label={labelOf(note)}
              instead=""
              editing={labelling}
              onEditing={(editing) => onLabelling(editing ? feature : undefined)}
            />
          ) : (
            <Cell table={table} column={column} feature={feature} />
          )}
        </div>
      ))}
    </div>
  )
})

interface CellProps {
  readonly table: Table
  readonly column: RowColumn | 'sparks'
  readonly feature: number
}

function Cell({ table, column, feature }: CellProps) {
  switch (column) {
    case 'density':
      return densityWords(table.density[feature]!)
    case 'max':
      return activationWords(table.max[feature]!)
    case 'mean':
      return activationWords(table.mean[feature]!)
    case 'norm':
      return activationWords(table.decoderNorm[feature]!)
    case 'contexts':
      return numberWords(table.contexts[feature]!)
    case 'flags':
      return <CellFlags flags={flagsOf(table.flags[feature]!)} />
    case 'token':
      return <bdi className="mono cut">{mainToken(feature, table)}</bdi>
    case 'sparks':
      return <Spark sparks={table.sparks} feature={feature} />
    default: {
      const [kind, place] = column.split(' ')
      const all = kind === 'stratum' ? table.byStratum : table.byLanguage
      return densityWords(all[(feature * all.length) / table.features + Number(place)] ?? 0)
    }
  }
}

/** There is room for the first, and how many more there are; all are said on hover. */
function CellFlags({ flags }: { readonly flags: readonly FeatureFlag[] }) {
  const names = flags.map((flag) => flagTitles[flag]).join(', ')
  return (
    <span title={names}>
      <FlagTags flags={flags.slice(0, 1)} />
      {flags.length > 1 && (
        <span className="muted fine" aria-label={names}>
          {' '}
          +{flags.length - 1}
        </span>
      )}
    </span>
  )
}

/** Pixels of the small histogram. */
const SPARK = { width: 64, height: 18 }

/** One path of 16 bars: how often it fires weakly, on the left, and strongly. */
function Spark({ sparks, feature }: { readonly sparks: Uint8Array; readonly feature: number }) {
  const step = SPARK.width / SPARK_BINS
  let path = ''
  for (let bin = 0; bin < SPARK_BINS; bin++) {
    const share = sparks[feature * SPARK_BINS + bin]! / 255
    if (share === 0) continue
    // what is there at all is seen
    const height = Math.max(1, SPARK.height * share)
    path += `M${(bin * step).toFixed(1)} ${SPARK.height}v${(-height).toFixed(1)}h${(step - 0.8).toFixed(1)}v${height.toFixed(1)}z`
  }
  return (
    <svg className="spark" width={SPARK.width} height={SPARK.height} aria-hidden>
      <path d={path} />
    </svg>
  )
}

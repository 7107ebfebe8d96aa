// A context token by token, with its documents named and their text around it.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ContextView } from '../../../shared/harvests.ts'
import { splitWords } from './harvest-words.ts'
import { RowStrip } from './row-strip.tsx'

interface HarvestContextProps {
  readonly view: ContextView
  /** What was searched for, in the context's text. */
  readonly ranges: readonly (readonly [number, number])[]
  /** How many the harvest has. */
  readonly contexts: number
  /** The row that is looked at. */
  readonly row?: number
  onRow(row: number): void
  onContext(context: number): void
}

export function HarvestContext(props: HarvestContextProps) {
  const { view, ranges, contexts, row, onRow, onContext } = props
  const { context, firstRow, tokens, documents, before, after, spelled } = view
  const number = (value: number) => value.toLocaleString('en-US')
  return (
    <div className="context">
      <div className="context-head">
        <strong>Context {number(context)}</strong>
        <span className="muted">
          rows {number(firstRow)} to {number(firstRow + tokens.length - 1)}
        </span>
        <span className="end">
          <Button disabled={context === 0} aria-label="Context before" onClick={() => onContext(context - 1)}>
            ←
          </Button>
          <Button
            disabled={context + 1 >= contexts}
            aria-label="Context after"
            onClick={() => onContext(context + 1)}
          >
            →
          </Button>
        </span>
      </div>
      {documents.map(({ ordinal, source, stratum, language, meta, split, first, last }) => (
        <div key={ordinal} className="document">
          <bdi className="mono cut" title={source}>
            {source}
          </bdi>
          {stratum !== null && (
            <span className="tag">
              <bdi>{stratum}</bdi>
            </span>
          )}
          {language !== null && (
            <span className="tag">
              <bdi>{language}</bdi>
            </span>
          )}
          <span className="muted fine">
            {splitWords({ split })} ·{' '}
            {first === last ? 'all of it here' : `contexts ${number(first)} to ${number(last)}`}
          </span>
          {meta !== null && (
            <details className="fine">
              <summary>metadata</summary>
              <code className="wrap">{meta}</code>
            </details>
          )}
        </div>
      ))}
      {!spelled && (
        <p className="note fine" role="note">
          The model of this harvest is not in the workspace, so its tokens are shown by their ids. The text:{' '}
          <bdi>{view.text}</bdi>
        </p>
      )}
      <div
        className="surroundings"
        tabIndex={0}
        role="region"
        aria-label="The context with the text around it"
      >
        <Around parts={before} />
        <RowStrip
          view={view}
          ranges={ranges}
          {...(row !== undefined && { place: row - firstRow })}
          onPlace={(place) => onRow(firstRow + place)}
        />
        <Around parts={after} />
      </div>
    </div>
  )
}

/** The contexts beside it, as text that runs on; each opens at a click. */
function Around({ parts }: { readonly parts: ContextView['before'] }) {
  return parts.map(({ context, text }) => (
    <Link
      key={context}
      from="/activations/$id"
      to="/activations/$id"
      search={({ q }) => ({ q, context })}
      className="around"
      title={`Open context ${context}`}
    >
      <bdi>{text}</bdi>
    </Link>
  ))
}

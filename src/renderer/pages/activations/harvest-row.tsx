// A row: its token, norm and split at once, and then the rows whose activations point the same way.
import { Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { shown } from '../../../shared/token-spelling.ts'
import { formatNumber } from '../../../shared/units.ts'
import type { ContextView, NearRow, RowToken } from '../../../shared/harvests.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { splitWords } from './harvest-words.ts'

interface HarvestRowCardProps {
  readonly id: string
  readonly row: number
  readonly token: RowToken
  readonly view: ContextView
  readonly medianNorm: number
  onOpen(near: NearRow): void
}

/** Milliseconds on a token before its neighbours are looked for: arrow keys pass many. */
const PAUSE = 250
const NEAREST = 12

export function HarvestRowCard({ id, row, token, view, medianNorm, onOpen }: HarvestRowCardProps) {
  const [settled] = useDebouncedValue(row, PAUSE)
  const { output, error } = useCall('harvests.row', { id, row: settled, nearest: NEAREST })
  const answer = output?.row === row ? output : undefined
  const number = (value: number) => value.toLocaleString('en-US')
  const text = token.special ?? view.text.slice(token.start, token.end)
  return (
    <div className="row-card" role="region" aria-label="The row">
      <div className="row-facts">
        <code className="mono token">{view.spelled ? shown(text) || '◦' : `token ${token.id}`}</code>
        <span>
          <span className="muted">row</span> {number(row)}
        </span>
        <span>
          <span className="muted">position</span> {number(row - view.firstRow)}
        </span>
        <span>
          <span className="muted">token</span> {token.id}
        </span>
        <span>
          <span className="muted">norm</span> {formatNumber(token.norm)}
          {medianNorm > 0 && (
            <span className="muted"> = {(token.norm / medianNorm).toFixed(2)} × the median</span>
          )}
        </span>
        <span>
          <span className="muted">split</span> {splitWords(token)}
        </span>
      </div>
      <div className="card-head near-head">
        <Title order={3}>Nearest rows</Title>
        <span className="muted fine" role="status">
          {answer
            ? `by cosine, among ${answer.compared === answer.rows - 1 ? 'all' : 'a sample of'} ${number(answer.compared)} rows`
            : error
              ? ''
              : 'comparing…'}
        </span>
      </div>
      {error ? (
        <ErrorText error={error} />
      ) : (
        <ul className="near" aria-busy={!answer}>
          {answer?.nearest.map((near) => (
            <li key={near.row}>
              <button type="button" onClick={() => onOpen(near)} title={near.source ?? ''}>
                <span className="value">{near.cosine.toFixed(3)}</span>
                <span className="bar" aria-hidden>
                  <i style={{ width: `${100 * Math.max(0, near.cosine)}%` }} />
                </span>
                <span className="kwic">
                  <bdi className="before">{inLine(near.before)}</bdi>
                  <mark>
                    <bdi>{tokenText(near)}</bdi>
                  </mark>
                  <bdi className="after">{inLine(near.after)}</bdi>
                </span>
                <span className="muted fine value">row {number(near.row)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** Line ends would break the line. */
function inLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function tokenText({ text, token }: NearRow): string {
  if (text === null) return `token ${token}`
  return text === '' ? '◦' : text.replaceAll('\n', '↵').replaceAll('\t', '⇥')
}

// Named amounts as bars, the largest first; beyond a dozen the smaller ones are added up.
import { formatCount, formatPercent } from '../../shared/units.ts'

interface Row {
  readonly name: string
  readonly amount: number
  /** Behind the amount. */
  readonly note?: string
}

interface BarsProps {
  readonly rows: readonly Row[]
  /** What is counted: "tokens". */
  readonly unit: string
  /** Smaller ones that are not among the rows, added up. */
  readonly more?: { readonly names: number; readonly amount: number }
}

const MOST = 14

export function Bars({ rows, unit, more = { names: 0, amount: 0 } }: BarsProps) {
  const all = rows.toSorted((a, b) => b.amount - a.amount)
  const total = all.reduce((sum, { amount }) => sum + amount, more.amount)
  const rest = all.slice(MOST)
  const shown: Row[] = [
    ...all.slice(0, MOST),
    ...(rest.length + more.names === 0
      ? []
      : [
          {
            name: `${formatCount(rest.length + more.names)} more`,
            amount: rest.reduce((sum, { amount }) => sum + amount, more.amount),
          },
        ]),
  ]
  const largest = Math.max(1, all[0]?.amount ?? 0)
  return (
    <ul className="bars">
      {shown.map(({ name, amount, note }) => (
        <li key={name}>
          <bdi className="cut" title={name}>
            {name}
          </bdi>
          <span className="bar" aria-hidden>
            <i style={{ width: `${Math.min(100, (100 * amount) / largest)}%` }} />
          </span>
          <span className="value">
            {formatCount(amount)} {unit}{' '}
            <span className="muted">{formatPercent(amount / Math.max(1, total))}</span>
          </span>
          <span className="value muted">{note}</span>
        </li>
      ))}
    </ul>
  )
}

// The tokens of each stratum as bars, the largest first.
import { Title } from '@mantine/core'
import type { HarvestLedger } from '../../shared/harvest.ts'
import { formatCount, formatPercent } from '../../shared/units.ts'

/** Bars that are shown; the smaller ones are added up. */
const MOST = 14

export function HarvestStrata({ strata }: Pick<HarvestLedger, 'strata'>) {
  const all = Object.entries(strata).sort(([, a], [, b]) => b.tokens - a.tokens)
  const total = all.reduce((sum, [, { tokens }]) => sum + tokens, 0)
  const [shown, rest] = [all.slice(0, MOST), all.slice(MOST)]
  const largest = Math.max(1, shown[0]?.[1].tokens ?? 0)
  const other = rest.reduce(
    (sum, [, { tokens, documents }]) => ({
      tokens: sum.tokens + tokens,
      documents: sum.documents + documents,
    }),
    { tokens: 0, documents: 0 },
  )
  const rows = [
    ...shown.map(([name, count]) => ({ name: name === '' ? 'without a stratum' : name, ...count })),
    ...(rest.length > 0 ? [{ name: `${rest.length} more`, ...other }] : []),
  ]
  return (
    <section className="card" aria-label="Strata">
      <Title order={2}>Strata</Title>
      <ul className="bars">
        {rows.map(({ name, tokens, documents }) => (
          <li key={name}>
            <bdi className="cut" title={name}>
              {name}
            </bdi>
            <span className="bar" aria-hidden>
              <i style={{ width: `${Math.min(100, (100 * tokens) / largest)}%` }} />
            </span>
            <span className="value">
              {formatCount(tokens)} tokens{' '}
              <span className="muted">{formatPercent(tokens / Math.max(1, total))}</span>
            </span>
            <span className="value muted">
              {formatCount(documents)} {documents === 1 ? 'document' : 'documents'}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

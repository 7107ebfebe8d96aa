// The ledger of a harvest: what became of every document, context, token and row.
import { Title } from '@mantine/core'
import type { HarvestManifest } from '../../../shared/harvest.ts'
import { skippedWords } from './harvest-words.ts'

export function HarvestLedgerCard({ manifest }: { readonly manifest: HarvestManifest }) {
  const { ledger, overflowed, error, leftOut } = manifest
  const { documents, split, batches } = ledger
  const skipped = Object.entries(documents.skipped).filter(([, times]) => times > 0)
  const sizes = Object.entries(batches).sort(([a], [b]) => Number(b) - Number(a))
  return (
    <section className="card" aria-label="Ledger">
      <div className="card-head">
        <Title order={2}>Ledger</Title>
        <span className="muted fine">it adds up, or the harvest would have failed</span>
      </div>
      <table className="numbers ledger">
        <tbody>
          <Line name="Documents read" value={documents.read} />
          <Line name="used" value={documents.used} part />
          {skipped.map(([reason, times]) => (
            <Line key={reason} name={skippedWords(reason)} value={times} part />
          ))}
          <Line name="Contexts" value={ledger.contexts} />
          {sizes.map(([size, times]) => (
            <Line key={size} name={`batches of ${size}`} value={times} part />
          ))}
          <Line name="Tokens, a row each" value={ledger.rows} />
          <Line name="train" value={split.train} part />
          <Line name="validation" value={split.validation} part />
          <Line name="left out: special tokens" value={split.special} part />
          <Line name="left out: attention sinks" value={split.sink} part />
          <Line name="left out: too frequent" value={split.frequent} part />
          {ledger.replaced > 0 && <Line name="Characters that were no text" value={ledger.replaced} />}
          {overflowed > 0 && <Line name="Numbers clipped to float16’s largest" value={overflowed} />}
        </tbody>
      </table>
      {error !== null && (
        <p className="muted fine">
          Rounding to bytes lost at most {(100 * error).toPrecision(2)} % of a shard’s length.
        </p>
      )}
      {leftOut.length > 0 && (
        <details className="left-out">
          <summary>The first documents that were left out ({leftOut.length})</summary>
          <ul>
            {leftOut.map(({ source, reason, detail }, index) => (
              <li key={index} className="wrap">
                <bdi className="mono">{source}</bdi> <span className="muted">{skippedWords(reason)}</span>
                {detail !== '' && <bdi className="muted"> · {detail}</bdi>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

interface LineProps {
  readonly name: string
  readonly value: number
  /** Of the line above that is none. */
  readonly part?: boolean
}

function Line({ name, value, part = false }: LineProps) {
  return (
    <tr data-part={part || undefined}>
      <th scope="row">{name}</th>
      <td>{value.toLocaleString('en-US')}</td>
    </tr>
  )
}

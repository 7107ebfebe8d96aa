// The files that hold a harvest's rows.
import { Button, Title } from '@mantine/core'
import { useState } from 'react'
import type { HarvestManifest } from '../../../shared/harvest.ts'
import { formatBytes } from '../../../shared/units.ts'

/** Shown at first, and with each further click. */
const PAGE = 20

export function HarvestShards({ shards }: Pick<HarvestManifest, 'shards'>) {
  const [most, setMost] = useState(PAGE)
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0)
  const hidden = shards.length - most
  return (
    <section className="card" aria-label="Shards">
      <div className="card-head">
        <Title order={2}>Shards</Title>
        <span className="muted fine">
          {shards.length === 1 ? 'one Arrow file' : `${shards.length.toLocaleString('en-US')} Arrow files`},{' '}
          {formatBytes(bytes)}
        </span>
      </div>
      <div className="scroll" tabIndex={0} role="region" aria-label="List of shards">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">First row</th>
              <th scope="col">Rows</th>
              <th scope="col">Size</th>
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {shards.slice(0, most).map(({ name, firstRow, rows, bytes: size, sha256 }) => (
              <tr key={name}>
                <th scope="row" className="mono">
                  {name}
                </th>
                <td>{firstRow.toLocaleString('en-US')}</td>
                <td>{rows.toLocaleString('en-US')}</td>
                <td>{formatBytes(size)}</td>
                <td className="mono muted" title={sha256}>
                  {sha256.slice(0, 12)}…
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && (
        <Button mt="xs" onClick={() => setMost(most + PAGE)}>
          {hidden > PAGE
            ? `Show ${PAGE} more of ${hidden.toLocaleString('en-US')}`
            : `Show the last ${hidden}`}
        </Button>
      )}
    </section>
  )
}

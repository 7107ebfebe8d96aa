// What a training could go on from: its checkpoints, as they come.
import { Title } from '@mantine/core'
import { formatBytes } from '../../../shared/units.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { useNow } from '../../ui/use-now.ts'

/** Milliseconds between two looks while it trains. */
const INTERVAL = 5_000

export function SaeCheckpoints({ id, training }: { readonly id: string; readonly training: boolean }) {
  const round = Math.floor(useNow(training) / INTERVAL)
  const { output, error } = useCall('saes.checkpoints', { id }, true, `${training ? round : ''}`)
  if (error) return <ErrorText error={error} />
  if (!output || output.length === 0) return null
  return (
    <section className="card" aria-label="Checkpoints">
      <div className="card-head">
        <Title order={2}>Checkpoints</Title>
        <span className="muted fine">All of the training’s state; the newest two are kept.</span>
      </div>
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">After step</th>
            <th scope="col">Written</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {output.map(({ step, at, bytes, path }) => (
            <tr key={step} title={path}>
              <th scope="row">{step.toLocaleString('en-US')}</th>
              <td>{formatTime(at)}</td>
              <td>{formatBytes(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

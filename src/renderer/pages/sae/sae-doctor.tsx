// What the sparsity doctor found of a training, live while it runs: each with its evidence, and the knob to turn.
import { Title } from '@mantine/core'
import { type Finding, findingTitles, knobWords } from '../../../shared/sae-findings.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { useNow } from '../../ui/use-now.ts'

interface SaeDoctorProps {
  readonly id: string
  readonly training: boolean
}

/** Milliseconds between two looks at a training that runs. */
const INTERVAL = 4_000

export function SaeDoctor({ id, training }: SaeDoctorProps) {
  const round = Math.floor(useNow(training) / INTERVAL)
  const { output, error } = useCall('saes.checkup', { id }, true, `${round} ${training}`)
  if (error) return <ErrorText error={error} />
  // one from elsewhere, from before there were checkups, or before the first
  if (output?.step == null) return null
  const { step, findings } = output
  return (
    <section className="card sae-doctor" aria-label="Sparsity doctor">
      <div className="card-head">
        <Title order={2}>Sparsity doctor</Title>
        <span className="state" role="status" data-state={findings.length === 0 ? 'ready' : 'stopped'}>
          {findings.length === 0 ? 'nothing found' : `${findings.length} found`}
        </span>
        <span className="muted">at step {step.toLocaleString('en-US')}</span>
      </div>
      {findings.length > 0 && (
        <ul>
          {findings.map((finding) => (
            <FindingItem key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
    </section>
  )
}

function FindingItem({ finding }: { readonly finding: Finding }) {
  const { id, severity, since, evidence, knob, advice } = finding
  return (
    <li data-severity={severity}>
      <div>
        <strong>{findingTitles[id]}</strong>{' '}
        <span className="muted">
          {severity === 'serious' && 'serious, '}since step {since.toLocaleString('en-US')}
        </span>
      </div>
      <div className="wrap">{evidence}</div>
      <div className="wrap">
        <span className="knob">{knobWords(knob)}:</span> {advice}
      </div>
    </li>
  )
}

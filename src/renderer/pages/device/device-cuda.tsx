// The newest CUDA set-up: its progress, and what it says is still missing, until a CUDA device is usable.
import { Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { useApp, useNewestJob } from '../../state/app.ts'
import { JobStateBadge } from '../../ui/job-state.tsx'
import { CommandLine } from './command-line.tsx'
import { DeviceJob } from './device-job.tsx'

export function DeviceCuda() {
  const job = useNewestJob('setup-cuda')
  const works = useApp(({ devices }) =>
    devices?.devices.some(({ provider, state }) => provider === 'cuda' && state === 'usable'),
  )
  if (!job || (works && !isActive(job.state))) return null
  const result = jobKinds['setup-cuda'].result.safeParse(job.result).data
  return (
    <section className="card device" aria-label="CUDA set-up">
      <div className="device-head">
        <Title order={2}>CUDA set-up</Title>
        <JobStateBadge state={job.state} />
        <Link className="end" to="/jobs/$id" params={{ id: job.id }}>
          Open the job
        </Link>
      </div>
      <DeviceJob job={job} />
      {result?.problem != null && (
        <>
          <p className="wrap">{result.problem}</p>
          <p className="muted wrap">{result.hint}</p>
        </>
      )}
      {result?.commands && (
        <dl className="facts">
          {Object.entries(result.commands).map(([manager, command]) => (
            <div className="pair" key={manager}>
              <dt>{manager}</dt>
              <dd>
                <CommandLine command={command} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {result?.ok && (
        <p className="muted">The provider is in place and started; it is used once its probe has passed.</p>
      )}
    </section>
  )
}

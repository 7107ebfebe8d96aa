// How fast the devices multiply matrices: starts the benchmark, shows how far it is, and the newest measurements.
import { Button, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { DevicesState } from '../../../shared/devices.ts'
import type { Job } from '../../../shared/jobs/job.ts'
import { jobKinds, type JobResult } from '../../../shared/jobs/kinds.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { formatNumber } from '../../../shared/units.ts'
import { act } from '../../state/actions.ts'
import { useNewestJob } from '../../state/app.ts'
import { isProbing } from '../../ui/device-words.ts'
import { formatTime } from '../../ui/job-words.ts'
import { DeviceJob } from './device-job.tsx'

type Measurement = JobResult<'benchmark'>['measurements'][number]

export function DeviceBenchmark({ state }: { readonly state: DevicesState }) {
  const newest = useNewestJob('benchmark')
  const done = useNewestJob('benchmark', 'done')
  const running = newest !== undefined && isActive(newest.state)
  return (
    <section className="card device" aria-label="Benchmark">
      <div className="device-head">
        <Title order={2}>Benchmark</Title>
        <span className="muted">matrix products on every usable device, in GFLOP/s</span>
        <Button
          className="end"
          disabled={running || isProbing(state) || state.chosen === null}
          onClick={() => void act('jobs.start', { kind: 'benchmark', params: {} })}
        >
          Benchmark
        </Button>
      </div>
      {newest && <DeviceJob job={newest} />}
      {done ? (
        <Measured job={done} />
      ) : (
        !running && <p className="muted">Not measured yet; it takes seconds, on slow devices a minute.</p>
      )}
    </section>
  )
}

function Measured({ job }: { readonly job: Job }) {
  const result = jobKinds.benchmark.result.safeParse(job.result).data
  if (!result) return null
  const { measurements } = result
  const sizes = [...new Set(measurements.map(({ size }) => size))].sort((a, b) => a - b)
  const rows = Map.groupBy(measurements, ({ device, dtype }) => `${device} ${dtype}`)
  const fastest = Math.max(...measurements.map(({ gflops }) => gflops))
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="Measured GFLOP/s">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col">Type</th>
              {sizes.map((size) => (
                <th scope="col" key={size}>
                  {size} × {size}
                </th>
              ))}
              <th scope="col" className="bar-column">
                Fastest
              </th>
            </tr>
          </thead>
          <tbody>
            {[...rows].map(([key, row]) => (
              <MeasuredRow key={key} row={row} sizes={sizes} fastest={fastest} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="muted fine">
        Measured {job.endedAt !== null && formatTime(job.endedAt)} ·{' '}
        <Link to="/jobs/$id" params={{ id: job.id }}>
          open the job
        </Link>
      </p>
    </>
  )
}

interface MeasuredRowProps {
  readonly row: readonly Measurement[]
  readonly sizes: readonly number[]
  /** GFLOP/s of the fastest of all rows. */
  readonly fastest: number
}

function MeasuredRow({ row, sizes, fastest }: MeasuredRowProps) {
  const best = Math.max(...row.map(({ gflops }) => gflops))
  const at = (size: number) => row.find((measurement) => measurement.size === size)?.gflops
  return (
    <tr>
      <th scope="row">{row[0]?.name}</th>
      <td>{row[0]?.dtype}</td>
      {sizes.map((size) => {
        const gflops = at(size)
        // larger sizes are left out where one run takes a second
        return <td key={size}>{gflops === undefined ? '–' : formatNumber(gflops)}</td>
      })}
      <td className="bar-column">
        <span className="meter">
          <span className="bar">
            <i style={{ width: `${(best / fastest) * 100}%` }} />
          </span>
          {formatNumber(best)}
        </span>
      </td>
    </tr>
  )
}

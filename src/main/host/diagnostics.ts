// Everything a maintainer needs to help, as text to copy: versions, machine, recent jobs; no secrets, no home folder.
import { homedir } from 'node:os'
import type { HostDescription } from '../../shared/contract/host.ts'
import type { ErrorData } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { formatBytes } from '../../shared/units.ts'

const RECENT = 10

export function diagnostics(
  host: HostDescription,
  jobs: readonly Job[],
  problems: readonly ErrorData[],
): string {
  const lines = [
    `Monoscope ${host.version} (${host.kind}), Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    `Machine: ${host.machine.cpu}, ${host.machine.cores} cores, ${formatBytes(host.machine.memory)}`,
    `Workspace: ${host.workspace.path}, ${host.workspace.freeBytes === null ? 'unknown' : formatBytes(host.workspace.freeBytes)} free`,
    `Running since ${new Date(host.startedAt).toISOString()}`,
    '',
    `Last ${Math.min(RECENT, jobs.length)} of the jobs:`,
    ...jobs
      .slice(0, RECENT)
      .flatMap((job) => [
        `  ${job.id} ${job.kind} ${job.state}, attempt ${job.attempt}, peak ${formatBytes(job.peakRss)}`,
        ...(job.error ? [`    ${job.error.code}: ${job.error.message}`] : []),
      ]),
    '',
    problems.length === 0 ? 'No problems inside Monoscope.' : 'Problems inside Monoscope:',
    ...problems.map((problem) => `  ${problem.message}\n${problem.cause ?? ''}`),
  ]
  return lines.join('\n').replaceAll(homedir(), '~')
}

// What a job was asked to do, when and how often it ran, and what it made.
import { Title } from '@mantine/core'
import { fieldsOf } from '../../../shared/config.ts'
import type { Job } from '../../../shared/jobs/job.ts'
import { jobKindIdSchema, jobKinds } from '../../../shared/jobs/kinds.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { numberText } from '../../../shared/number-text.ts'
import { formatBytes } from '../../../shared/units.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { elapsedWords, formatTime } from '../../ui/job-words.ts'
import { useNow } from '../../ui/use-now.ts'

export function JobFacts({ job }: { readonly job: Job }) {
  const now = useNow(isActive(job.state))
  return (
    <section className="card">
      <Title order={2}>Job</Title>
      <Facts>
        <Fact name="id" value={job.id} exact />
        {parameters(job).map(({ name, value, isPath }) => (
          <Fact key={name} name={name} value={value} exact={isPath} {...(isPath && { path: value })} />
        ))}
        <Fact name="started" value={job.startedAt === null ? '–' : formatTime(job.startedAt)} />
        {job.endedAt !== null && <Fact name="ended" value={formatTime(job.endedAt)} />}
        <Fact name="elapsed" value={elapsedWords(job, now) || '–'} />
        <Fact name="attempt" value={job.attempt > 0 ? String(job.attempt) : '–'} />
        <Fact name="peak memory" value={job.peakRss > 0 ? formatBytes(job.peakRss) : '–'} />
      </Facts>
    </section>
  )
}

export function JobResult({ job }: { readonly job: Job }) {
  // what is listed as a file is not listed twice
  const files = new Set(job.artifacts.map((artifact) => artifact.path))
  const values = Object.entries((job.result ?? {}) as Record<string, unknown>)
    .flatMap(([name, value]) => flattened(name, value))
    .filter(([, value]) => !(typeof value === 'string' && files.has(value)))
  return (
    <section className="card">
      <Title order={2}>Result</Title>
      {values.length === 0 && files.size === 0 && <span className="muted">None.</span>}
      <Facts>
        {values.map(([name, value]) => (
          <Fact key={name} name={name} value={resultText(name, value)} exact={typeof value === 'string'} />
        ))}
        {job.artifacts.map(({ kind, path, bytes }) => (
          <Fact key={path} name={kind} value={`${path} (${formatBytes(bytes)})`} path={path} exact />
        ))}
      </Facts>
    </section>
  )
}

/** The parameters as their form names them; as they are stored for a kind this version does not know. */
function parameters(job: Job): { name: string; value: string; isPath: boolean }[] {
  const kind = jobKindIdSchema.safeParse(job.kind)
  const fields = new Map(
    kind.success ? fieldsOf(jobKinds[kind.data].params).map((field) => [field.name, field]) : [],
  )
  return Object.entries(job.params).map(([name, value]) => {
    const field = fields.get(name)
    return {
      name: (field?.label ?? name).toLowerCase(),
      value: [typeof value === 'number' ? numberText(value) : String(value), field?.unit]
        .filter(Boolean)
        .join(' '),
      isPath: field?.input !== undefined,
    }
  })
}

/** A result in single values: lists and parts of it one by one, and nothing for what there is none of. */
function flattened(name: string, value: unknown): [string, unknown][] {
  if (value === null || value === undefined) return []
  if (typeof value !== 'object') return [[name, value]]
  if (!Array.isArray(value)) return Object.entries(value).flatMap(([part, inner]) => flattened(part, inner))
  return value.map((entry: unknown, index) => [`${name} ${index + 1}`, entryText(entry)])
}

function entryText(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry
  const cells = Object.entries(entry).map(([name, value]) => {
    return `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)).toLocaleString('en-US') : String(value)}`
  })
  return cells.join(', ')
}

function resultText(name: string, value: unknown): string {
  if (typeof value !== 'number') return String(value)
  const exact = value.toLocaleString('en-US')
  return name === 'bytes' ? `${formatBytes(value)} (${exact})` : exact
}

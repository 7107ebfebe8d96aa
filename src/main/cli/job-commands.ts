// Commands about jobs: one for each kind, made from its schema, and those that list, show, stop and continue them.
import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { type Field, fieldsOf } from '../../shared/config.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { type JobKindId, kindOf, jobKinds } from '../../shared/jobs/kinds.ts'
import { formatBytes, formatSeconds } from '../../shared/units.ts'
import { artifactOf, optionOf, parseValue, upTo } from './flags.ts'
import { followJob } from './follow-job.ts'
import { errorLines, type Output, progressText } from './output.ts'
import type { Action } from './action.ts'

export function addJobCommands(program: Command, action: Action): void {
  for (const kind of Object.keys(jobKinds) as JobKindId[]) addKind(program, kind, action)

  program
    .command('jobs')
    .description('List the jobs, newest first.')
    .option('--limit <jobs>', 'how many, at most 1000', upTo(1_000), 20)
    .action(
      action(async ({ client, output }, { limit }) => {
        const jobs = await client.call('jobs.list', { limit: Number(limit) })
        output.result({ jobs }, jobs.length === 0 ? ['No jobs yet.'] : jobs.map(summary))
      }),
    )

  program
    .command('job')
    .description('Show one job.')
    .addArgument(new Argument('<id>', 'id of the job, or the beginning of it'))
    .option('--log', 'print its log too')
    .action(
      action(async ({ client, output }, { log }, [id = '']) => {
        const job = await client.call('jobs.get', { id })
        const before = Number.MAX_SAFE_INTEGER
        const lines = log ? await client.call('jobs.logPage', { id: job.id, before, limit: 5_000 }) : []
        const text = lines.map((line) => `${new Date(line.at).toISOString()} ${line.level} ${line.text}`)
        output.result({ ...job, ...(log && { log: lines }) }, [...detail(job), ...text])
      }),
    )

  for (const [name, description] of [
    ['cancel', 'Stop a job; what is complete is kept.'],
    ['pause', 'Stop a job for now; "resume" continues it.'],
    ['kill', 'End the process of a job now.'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument('<id>', 'id of the job, or the beginning of it')
      .action(
        action(async ({ client, output }, _options, [id = '']) => {
          const job = await client.call(`jobs.${name}`, { id })
          output.result(job, [summary(job)])
        }),
      )
  }

  program
    .command('resume')
    .description('Continue a job from its last complete piece of work, and wait for it.')
    .argument('<id>', 'id of the job, or the beginning of it')
    .action(
      action(async ({ connection, client, output }, _options, [id = '']) => {
        const { id: full } = await client.call('jobs.resume', { id })
        tell(await followJob(connection, full, output), output)
      }),
    )

  program
    .command('delete')
    .description('Delete a job with everything in its folder.')
    .argument('<id>', 'id of the job, or the beginning of it')
    .action(
      action(async ({ client, output }, _options, [id = '']) => {
        const { freedBytes } = await client.call('jobs.delete', { id })
        output.result({ freedBytes }, [`Freed ${formatBytes(freedBytes)}.`])
      }),
    )
}

/** `monoscope checksum FOLDER`: some fields are arguments, the others are flags. */
function addKind(program: Command, kind: JobKindId, action: Action): void {
  const { title, help, params, command: words = kind, arguments: named } = kindOf(kind)
  const fields = fieldsOf(params)
  const first = fields.find((field) => field.required)
  const positional =
    named?.map((name) => fields.find((field) => field.name === name)!) ?? (first ? [first] : [])
  const [group, name] = words.split(' ')
  const parent = name === undefined ? program : groupOf(program, group ?? '')
  const command = parent
    .command(name ?? words)
    .summary(`${title}.`)
    .description(help)
  for (const field of positional) command.argument(`<${field.name}>`, field.help)
  for (const field of fields) {
    if (!positional.includes(field)) command.addOption(optionOf(field))
  }
  command.action(
    action(async ({ connection, client, output }, options, words) => {
      const given: Record<string, unknown> = {}
      for (const field of fields) {
        const place = positional.indexOf(field)
        const text = place < 0 ? options[field.name] : words[place]
        if (text === undefined) continue
        given[field.name] = valueOf(field, String(text))
      }
      const { id } = await client.call('jobs.start', { kind, params: given })
      tell(await followJob(connection, id, output), output)
    }),
  )
}

/** Paths are meant from the terminal's folder, and the host has another. */
function valueOf(field: Field, text: string): unknown {
  const { input } = field
  // a data set of the Hub is no path
  if (input === undefined || text.startsWith('hf:')) return parseValue(field, text)
  return input === 'model' || input === 'harvest' || input === 'sae' ? artifactOf(text) : resolve(text)
}

/** "setup" of "setup cuda": a command that only holds others. */
function groupOf(program: Command, name: string): Command {
  const known = program.commands.find((command) => command.name() === name)
  return known ?? program.command(name).description(`Commands that begin with "${name}".`)
}

/** What a job that is done found; the exit code says whether that is what was wanted. */
function tell(job: Job, output: Output): void {
  output.result({ job: job.id, ...(job.result as object), seconds: seconds(job) }, detail(job))
  const { worked, result } = kindOf(job.kind as JobKindId)
  if (worked?.(result.parse(job.result)) === false) output.exitCode = 1
}

function summary(job: Job): string {
  return `${job.id}  ${job.state.padEnd(11)}  ${job.title}  ${job.state === 'running' ? progressText(job.progress) : ''}`.trimEnd()
}

function detail(job: Job): string[] {
  const result = Object.entries((job.result ?? {}) as Record<string, unknown>)
  return [
    `${job.title}: ${job.state}`,
    line('job', `${job.id}, attempt ${job.attempt}`),
    line('time', `${formatSeconds(seconds(job))}, at most ${formatBytes(job.peakRss)} of memory`),
    ...result.flatMap(([key, value]) => valueLines(key, value)),
    ...(job.error ? errorLines(job.error).map((text) => `  ${text}`) : []),
  ]
}

/** A value of a result in lines; what is empty has none. */
function valueLines(key: string, value: unknown): string[] {
  if (value === null || (Array.isArray(value) && value.length === 0)) return []
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'object')) return value.map(entryLine)
  if (Array.isArray(value)) return [line(key, value.join(', '))]
  if (typeof value === 'object') {
    const parts = Object.entries(value)
    // counts by size, as of batches, are one thing
    if (parts.every(([, part]) => typeof part === 'number'))
      return [line(key, parts.map(([name, part]) => `${name}: ${part}`).join(', '))]
    return parts.flatMap(([name, part]) => valueLines(name, part))
  }
  if (typeof value === 'number') return [line(key, /bytes$/i.test(key) ? formatBytes(value) : short(value))]
  return [line(key, typeof value === 'string' ? value : JSON.stringify(value))]
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(16)}  ${text}`
}

/** Whole numbers as they are, others to four digits: `--json` has them all. */
function short(number: number): string {
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(4)))
}

/** One of several things a job found, in a line. */
function entryLine(entry: object): string {
  const cells = Object.entries(entry).map(([key, value]) => {
    const text = typeof value === 'number' ? short(value) : String(value)
    return `${key} ${text}`
  })
  return `  ${cells.join(', ')}`
}

function seconds(job: Job): number {
  return job.startedAt === null ? 0 : ((job.endedAt ?? Date.now()) - job.startedAt) / 1000
}

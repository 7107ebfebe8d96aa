// Follows a job from a terminal to its end: progress as it comes, Ctrl-C cancels it cleanly.
import { fromErrorData, MonoscopeError } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { isActive } from '../../shared/jobs/state.ts'
import type { Connection } from './connect.ts'
import type { Output } from './output.ts'

/** Resolves with the job once it is done; throws its error when it ended any other way. */
export async function followJob(connection: Connection, id: string, output: Output): Promise<Job> {
  const { client } = connection
  await connection.admit()
  const stopLog = client.subscribe(
    'jobs.log',
    { id },
    {
      state: (lines, added) => {
        for (const line of added ?? lines) {
          if (line.level !== 'info') output.say(line.text)
        }
      },
    },
  )
  let asked = false
  const onInterrupt = () => {
    if (asked) return void client.call('jobs.kill', { id }).catch(() => undefined)
    asked = true
    output.say('Stopping after the current piece of work; Ctrl-C again ends it now.')
    void client.call('jobs.cancel', { id }).catch(() => undefined)
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  try {
    const job = await ended(connection, id, (current) => output.progress(current))
    if (job.state === 'done') return job
    if (job.error) throw fromErrorData(job.error)
    throw new MonoscopeError({
      kind: 'cancelled',
      code: `job/${job.state}`,
      message: `The job was ${job.state}.`,
      hint: `"monoscope resume ${job.id}" continues it.`,
    })
  } finally {
    stopLog()
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}

function ended({ client }: Connection, id: string, onChange: (job: Job) => void): Promise<Job> {
  return new Promise((resolve, reject) => {
    client.subscribe('jobs.watch', undefined, {
      state: (jobs) => {
        const job = jobs.find((candidate) => candidate.id === id)
        if (!job) return
        onChange(job)
        if (!isActive(job.state)) resolve(job)
      },
      end: (error) => reject(error ? fromErrorData(error) : new Error('The host stopped telling of jobs.')),
    })
  })
}

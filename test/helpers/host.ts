// A host on a workspace of its own for one test, with a client beside it.
import { onTestFinished } from 'vitest'
import { type AppContract, contract } from '../../src/shared/contract/index.ts'
import type { Job } from '../../src/shared/jobs/job.ts'
import { Client } from '../../src/shared/wire/client.ts'
import { loopback } from '../../src/shared/wire/loopback.ts'
import type { ForkOptions } from '../../src/main/host/fork.ts'
import { type HostOptions, openHost } from '../../src/main/host/host.ts'
import { builtCompute } from './built.ts'
import { temporaryFolder } from './temporary.ts'

export async function testHost(options: Partial<HostOptions> & { compute?: ForkOptions } = {}) {
  const workspace = options.workspace ?? `${await temporaryFolder()}/workspace`
  const host = await openHost({
    kind: 'serve',
    version: '0.0.0',
    launch: builtCompute(options.compute),
    ...options,
    workspace,
  })
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    await host.close()
  }
  onTestFinished(close)
  const [near, far] = loopback()
  host.service.connect(far)
  const client = new Client(contract, near, { app: 'test' })
  return { host, client, workspace, close }
}

/** Resolves with the job once `until` holds for it. */
export function jobUntil(
  client: Client<AppContract>,
  id: string,
  until: (job: Job) => boolean,
): Promise<Job> {
  return new Promise((resolve, reject) => {
    client.subscribe('jobs.watch', undefined, {
      state: (jobs) => {
        const job = jobs.find((candidate) => candidate.id === id)
        if (job && until(job)) resolve(job)
      },
      end: (error) => reject(new Error(error?.message ?? 'ended')),
    })
  })
}

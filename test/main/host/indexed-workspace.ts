// A workspace with a harvest, an SAE, the model of both, and an index of both; a copy of it for each test.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { openHost } from '../../../src/main/host/host.ts'
import { type AppContract, contract } from '../../../src/shared/contract/index.ts'
import type { Job } from '../../../src/shared/jobs/job.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { loopback } from '../../../src/shared/wire/loopback.ts'
import { builtCompute } from '../../helpers/built.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { demoLlama } from '../../helpers/llama.ts'
import { smallPlace } from '../../helpers/small-index.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** The SAE, as calls name it. */
export const at = { sae: 'chance' }

const ended = (job: Job) => job.state !== 'queued' && job.state !== 'running'

/** A job of this kind, once it has ended. */
export async function run(
  client: Client<AppContract>,
  kind: 'import' | 'index' | 'verify-index',
  params: Record<string, unknown>,
): Promise<Job> {
  const { id } = await client.call('jobs.start', { kind, params })
  return jobUntil(client, id, ended)
}

/** Made before the tests of a file, and removed after them. */
export function indexedWorkspace() {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
    const host = await openHost({
      ...{ workspace: join(root, 'workspace'), kind: 'serve', version: '0', launch: builtCompute() },
    })
    const [near, far] = loopback()
    host.service.connect(far)
    const client = new Client(contract, near, { app: 'test' })
    await smallPlace(host.workspace.path)
    await run(client, 'import', { path: demoLlama.folder, link: true, name: 'demo' })
    const job = await run(client, 'index', { ...at, harvest: 'small' })
    expect(job).toMatchObject({ state: 'done', result: { ...at, harvest: 'small', features: 64 } })
    await host.close()
  }, 120_000)
  afterAll(() => rm(root, { recursive: true, force: true }))
  return {
    /** Where the harvest was when it was indexed. */
    firstHarvest: () => join(root, 'workspace', 'harvests', 'small'),
    /** A host with a copy of it. */
    place: async () => {
      const copy = join(await temporaryFolder(), 'workspace')
      await cp(join(root, 'workspace'), copy, { recursive: true })
      const { client } = await testHost({ workspace: copy })
      return { client, harvest: join(copy, 'harvests', 'small'), sae: join(copy, 'saes', 'chance') }
    },
  }
}

// The registry of models over a host: it follows the folders, whatever happens to jobs, processes and files.
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/shared/jobs/job.ts'
import type { Model } from '../../../src/shared/models.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { sendFile } from '../../helpers/file-server.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { REPOSITORY, serveHub } from '../../helpers/hub.ts'
import { tinyFiles, tinyLlama } from '../../helpers/models.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

type Client = Awaited<ReturnType<typeof testHost>>['client']

/** Machines under load take their time. */
const wait = { timeout: 30_000 }

const ended = (job: Job) => job.state !== 'queued' && job.state !== 'running'

async function imported(client: Client, params: Record<string, unknown>): Promise<Job> {
  const { id } = await client.call('jobs.start', { kind: 'import', params })
  return jobUntil(client, id, ended)
}

/** Resolves with the list once `until` holds for it. */
function modelsUntil(
  client: Client,
  until: (models: readonly Model[]) => boolean,
): Promise<readonly Model[]> {
  return new Promise((resolve) => {
    client.subscribe('models.watch', undefined, { state: (models) => until(models) && resolve(models) })
  })
}

describe('the models of a host', { timeout: 120_000 }, () => {
  it('come with jobs, get other names, and go with the bytes they freed; linked files stay', async () => {
    const { client, workspace } = await testHost()
    const source = await temporaryFolder()
    await cp(tinyLlama, source, { recursive: true })
    expect(await client.call('models.list', undefined)).toEqual([])
    const watched = modelsUntil(client, (models) => models.length === 2)
    const linked = await imported(client, { path: source, link: true, name: 'Linked' })
    expect(linked).toMatchObject({
      state: 'done',
      result: { id: 'linked', kind: 'model', architecture: 'llama' },
    })
    await imported(client, { path: source, name: 'Copied' })
    expect((await watched).map(({ id }) => id).sort()).toEqual(['copied', 'linked'])

    const renamed = await client.call('models.rename', { id: 'copied', name: 'Another name' })
    expect(renamed).toMatchObject({ id: 'copied', name: 'Another name' })
    const manifest = await readFile(join(workspace, 'models', 'copied', 'model.json'), 'utf8')
    expect(JSON.parse(manifest)).toMatchObject({ name: 'Another name' })

    const { ownBytes } = await client.call('models.get', { id: 'cop' })
    expect(await client.call('models.remove', { id: 'copied' })).toEqual({ freedBytes: ownBytes })
    expect(ownBytes).toBeGreaterThan(414_712)
    const small = await client.call('models.remove', { id: 'linked' })
    expect(small.freedBytes).toBeLessThan(5_000)
    expect((await readdir(source)).sort()).toEqual((await readdir(tinyLlama)).sort())
    expect(await readdir(join(workspace, 'models'))).toEqual([])
    await expect(client.call('models.remove', { id: 'linked' })).rejects.toMatchObject({
      code: 'models/unknown',
    })
    await expect(client.call('models.remove', { id: '..' })).rejects.toMatchObject({ code: 'models/unknown' })
  })

  it('are what the folders say when a host starts: copied in, deleted, damaged', async () => {
    const first = await testHost()
    await imported(first.client, { path: tinyLlama, name: 'Tiny' })
    await imported(first.client, { path: tinyLlama, link: true, name: 'Gone' })
    await first.close()
    const { workspace } = first
    const elsewhere = await testHost()
    await mkdir(join(workspace, 'models', 'damaged'))
    await writeFile(join(workspace, 'models', 'damaged', 'model.json'), 'no JSON')
    await cp(join(workspace, 'models', 'tiny'), join(elsewhere.workspace, 'models', 'from another machine'), {
      recursive: true,
    })
    expect(await elsewhere.client.call('models.list', undefined)).toMatchObject([
      { id: 'from another machine', name: 'Tiny', state: 'ready' },
    ])

    await rm(join(workspace, 'models', 'tiny'), { recursive: true })
    const problems: (string | undefined)[] = []
    const again = await testHost({ workspace, onProblem: (problem) => problems.push(problem?.code) })
    expect(problems).toEqual(['models/manifest'])
    const models = await again.client.call('models.list', undefined)
    // a link to a model that was copied before is no second one
    expect(models).toMatchObject([{ id: 'tiny', state: 'missing', ownBytes: 0 }])
    expect(models[0]?.problem).toContain('config.json')
    expect(await again.client.call('models.remove', { id: 'tiny' })).toEqual({ freedBytes: 0 })
    expect(await again.client.call('models.list', undefined)).toEqual([])
  })

  it('are never half a model: a download whose process is killed is not listed, and a resume completes it', async () => {
    const files = await tinyFiles()
    const weights = files['model.safetensors']!
    let held = true
    const hub = await serveHub({
      files,
      spoil: (request, response) => {
        if (!held || !request.url?.endsWith('model.safetensors')) return false
        response.writeHead(200, { 'content-length': weights.length, etag: '"one"' })
        response.write(weights.subarray(0, 200_000))
        return true
      },
    })
    const { client, workspace } = await testHost()
    await client.call('settings.set', { hubEndpoint: `${hub.url}/` })
    await client.call('secrets.set', { name: 'huggingface', value: 'hf_very_secret' })
    const { id } = await client.call('jobs.start', { kind: 'download', params: { repository: REPOSITORY } })
    // progress is told four times a second at most, and here nothing follows
    const part = join(workspace, 'jobs', id, 'model', 'model.safetensors.part')
    const halfway = (requests: number) =>
      expect
        .poll(
          async () => [
            hub.asked.length,
            await stat(part).then(
              ({ size }) => size,
              () => 0,
            ),
          ],
          wait,
        )
        .toEqual([requests, 200_000])
    await halfway(4)
    await client.call('jobs.kill', { id })
    await jobUntil(client, id, ended)
    expect(await client.call('models.list', undefined)).toEqual([])
    expect(await readdir(join(workspace, 'models'))).toEqual([])

    await client.call('jobs.resume', { id })
    await halfway(5)
    await client.call('jobs.pause', { id })
    expect((await jobUntil(client, id, ended)).state).toBe('paused')
    held = false
    await client.call('jobs.resume', { id })
    const job = await jobUntil(client, id, ended)
    expect(job).toMatchObject({ state: 'done', result: { id: 'tiny' } })
    expect(hub.asked.at(-1)?.headers).toMatchObject({
      range: 'bytes=200000-',
      authorization: 'Bearer hf_very_secret',
    })
    expect(await readFile(join(workspace, 'models', 'tiny', 'model.safetensors'))).toEqual(weights)

    // the token is where it belongs and nowhere else
    const log = await client.call('jobs.logPage', { id, before: 1e9, limit: 1000 })
    expect(JSON.stringify([job, log, await client.call('host.diagnostics', undefined)])).not.toContain(
      'hf_very',
    )
    const found: string[] = []
    for (const entry of await readdir(workspace, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      if ((await readFile(path)).includes('hf_very_secret')) found.push(entry.name)
    }
    expect(found).toEqual(['secrets.json'])
  })

  it('are downloaded from where the environment says, with its token, until something is set here', async () => {
    const files = await tinyFiles()
    const hub = await serveHub({
      files,
      spoil: (request, response) => {
        if (!request.url?.endsWith('generation_config.json')) return false
        sendFile(files['generation_config.json']!, request, response)
        return true
      },
    })
    setEnvironment({ HF_ENDPOINT: hub.url, HF_TOKEN: 'hf_of_the_environment' })
    const { client } = await testHost()
    const { id } = await client.call('jobs.start', { kind: 'download', params: { repository: REPOSITORY } })
    expect(await jobUntil(client, id, ended)).toMatchObject({ state: 'done' })
    expect(hub.asked[0]?.headers.authorization).toBe('Bearer hf_of_the_environment')
    await client.call('settings.set', { hubEndpoint: 'http://127.0.0.1:1' })
    await expect(client.call('settings.set', { hubEndpoint: 'ftp://x' })).rejects.toMatchObject({
      code: 'settings/value',
    })
    const other = await client.call('jobs.start', { kind: 'download', params: { repository: REPOSITORY } })
    const refused = await jobUntil(client, other.id, (job) => job.progress.phase === 'measuring')
    expect(refused.state).toBe('running')
    await client.call('jobs.cancel', { id: other.id })
    expect((await jobUntil(client, other.id, ended)).state).toBe('cancelled')
  })

  it('of the catalogue are judged for this machine; the demo model is there to import', async () => {
    setEnvironment({ VK_ICD_FILENAMES: '/no/such.json' })
    const { client } = await testHost()
    const { device, memory, models } = await client.call('models.catalogue', undefined)
    expect(device).toBeTruthy()
    expect(models[0]).toMatchObject({
      repository: 'meta-llama/Llama-3.2-1B',
      gated: true,
      parameters: 1_235_814_400,
    })
    const smallest = models.find(({ name }) => name === 'SmolLM2-135M')
    expect(smallest?.fit).toBe(memory === null ? 'unknown' : 'fits')
    const demo = await client.call('models.demo', undefined)
    expect(await imported(client, { path: demo, name: 'Demo model' })).toMatchObject({ state: 'done' })
    expect(await client.call('models.list', undefined)).toMatchObject([
      { id: 'demo-model', licence: 'apache-2.0', parameters: 3_148_224 },
    ])
  })
})

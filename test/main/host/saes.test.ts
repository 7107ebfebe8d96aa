// The SAEs of a workspace through the contract: trained here or brought from elsewhere, their curves, and their removal.
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSaeFolder } from '../../../src/main/sae/exchange/read-sae.ts'
import type { Job } from '../../../src/shared/jobs/job.ts'
import { contract } from '../../../src/shared/contract/index.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { loopback } from '../../../src/shared/wire/loopback.ts'
import { corpusFolder, jsonLines } from '../../helpers/corpus.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { demoLlama } from '../../helpers/llama.ts'
import { smallHarvest } from '../../helpers/small-harvest.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const ended = (job: Job) => job.state !== 'queued' && job.state !== 'running'
const golden = (name: string) => join(import.meta.dirname, '../../golden/saelens', name)

describe('the SAEs of a host', { timeout: 120_000 }, () => {
  it('are listed with what was found of them, have curves, and go with what they freed', async () => {
    const { client, workspace } = await testHost()
    await smallHarvest(join(workspace, 'harvests', 'small'))
    await cp(golden('gated'), join(workspace, 'saes', 'from-elsewhere'), { recursive: true })
    const params = { harvest: 'small', width: 32, k: 4, batch: 64, tokens: 64 * 60, validateEvery: 20 }
    const before = await client.call('saes.plan', params)
    expect(before).toMatchObject({ device: { name: 'CPU' }, steps: 60, batch: 64, refusal: null })
    expect(before.time!.basis).toContain('matrix products alone')
    expect(before.transferShare).toBeGreaterThan(0)
    const { id } = await client.call('jobs.start', { kind: 'train', params })
    const { result } = await jobUntil(client, id, ended)
    const { fvu, explainedVariance, cosine, shrinkage } = result as Record<string, number>
    expect(explainedVariance).toBeCloseTo(1 - fvu!, 10)
    expect(cosine).toBeGreaterThan(0.5)
    expect(Math.abs(shrinkage! - 1)).toBeLessThan(0.3)
    // what was measured is what the next one is estimated by
    const after = await client.call('saes.plan', { ...params, width: 64 })
    expect(after.time!.basis).toMatch(new RegExp(`training ${id} .* 32 features, scaled to 64`))
    const wide = await client.call('saes.plan', { ...params, width: 1e7 })
    expect(wide.refusal).toMatchObject({ code: 'sae/tensor-too-large' })
    expect(await client.call('saes.plan', { ...params, width: wide.refusal!.widest })).toMatchObject({
      bytes: { state: expect.any(Number) as number },
    })
    await expect(client.call('saes.plan', { ...params, harvest: 'none' })).rejects.toMatchObject({
      code: 'harvest/unknown',
    })
    await expect(client.call('saes.plan', { ...params, k: 33 })).rejects.toMatchObject({
      code: 'sae/options',
    })
    const list = await client.call('saes.list', undefined)
    expect(list.find((sae) => sae.id === id)).toMatchObject({
      ...{ state: 'ready', problem: null, config: { variant: 'topk', width: 32 } },
      done: { architecture: 'topk', directions: 16, features: 32, model: 'tiny', evaluation: null },
    })
    expect(list.find((sae) => sae.id === 'from-elsewhere')).toMatchObject({
      ...{ state: 'ready', config: null },
      done: { architecture: 'gated', directions: 16, features: 64, validation: null },
    })
    const curves = await client.call('saes.curves', { id, points: 20 })
    expect(curves.steps).toBe(60)
    expect(curves.series.fvu!.step).toHaveLength(20)
    const whole = await client.call('saes.curves', { id, points: null })
    expect([...whole.series.fvu!.step]).toEqual(Array.from({ length: 60 }, (_, step) => step + 1))
    expect([...curves.series['validation.fvu']!.step]).toEqual([20, 40, 60])
    expect(curves.densities!.reduce((a, b) => a + b)).toBe(32)
    expect((await client.call('saes.curves', { id: 'from-elsewhere' })).steps).toBe(0)
    expect(await client.call('saes.checkup', { id })).toMatchObject({ step: 60 })
    expect(await client.call('saes.checkup', { id: 'from-elsewhere' })).toEqual({ step: null, findings: [] })
    const checkpoints = await client.call('saes.checkpoints', { id })
    expect(checkpoints.map(({ step }) => step)).toEqual([60])
    expect(checkpoints[0]!.bytes).toBeGreaterThan(4 * 3 * 2 * 16 * 32)
    expect(checkpoints[0]!.at).toBeGreaterThan(Date.now() - 120_000)
    expect(await client.call('saes.checkpoints', { id: 'from-elsewhere' })).toEqual([])
    // a training that has only just begun
    const { path } = list.find((sae) => sae.id === 'from-elsewhere')!
    await writeFile(join(path, 'metrics.sqlite'), '')
    expect(await client.call('saes.curves', { id: 'from-elsewhere' })).toMatchObject({ steps: 0, series: {} })
    // a job that is not told which harvest reads that of the SAE
    const long = { harvest: 'other', width: 32, k: 4, batch: 64, tokens: 64 * 1e6 }
    await smallHarvest(join(workspace, 'harvests', 'other'))
    const busy = await client.call('jobs.start', { kind: 'train', params: long })
    const waiting = await client.call('jobs.start', { kind: 'index', params: { sae: id } })
    await expect(client.call('harvests.remove', { id: 'small' })).rejects.toMatchObject({
      ...{ code: 'harvest/in-use', message: `Index ${id} needs this harvest, and is waiting.` },
    })
    await client.call('jobs.cancel', { id: waiting.id })
    await client.call('harvests.remove', { id: 'small' })
    await client.call('jobs.cancel', { id: busy.id })
    await jobUntil(client, busy.id, ended)
    const { freedBytes } = await client.call('saes.remove', { id })
    expect(freedBytes).toBeGreaterThan(10_000)
    await expect(client.call('saes.curves', { id })).rejects.toMatchObject({ code: 'sae/unknown' })
  })

  it('that are not finished, or cannot be read, are said to be so where their features are asked for', async () => {
    const { client, workspace } = await testHost()
    const config = join(workspace, 'saes', 'half', 'cfg.json')
    await mkdir(dirname(config))
    await expect(client.call('features.plan', { sae: 'half' })).rejects.toMatchObject({
      code: 'sae/unfinished',
    })
    const change = { sae: 'half', feature: 3, starred: true }
    await expect(client.call('features.annotate', change)).rejects.toMatchObject({ code: 'sae/unfinished' })
    await writeFile(config, '{"architecture":')
    await expect(client.call('features.plan', { sae: 'half' })).rejects.toMatchObject({ code: 'sae/foreign' })
  })

  it('are imported under a name, exported with their figures, and refused as pickles', async () => {
    const { client, workspace } = await testHost()
    const root = await temporaryFolder()
    const done = async (kind: 'import' | 'export', params: object) => {
      const { id } = await client.call('jobs.start', { kind, params: { ...params } })
      return jobUntil(client, id, ended)
    }
    const imported = await done('import', { path: golden('topk'), name: 'Golden' })
    expect(imported).toMatchObject({
      state: 'done',
      result: { id: imported.id, kind: 'sae', architecture: 'topk', format: 'SAELens', features: 64 },
    })
    const [entry] = await client.call('saes.list', undefined)
    expect(entry).toMatchObject({
      ...{ id: imported.id, state: 'ready', config: null },
      origin: { name: 'Golden', format: 'SAELens', from: golden('topk') },
      done: { model: 'tiny-llama', hook: 'blocks.2.hook_resid_post' },
    })
    const out = join(root, 'out')
    expect(await done('export', { sae: imported.id, destination: out })).toMatchObject({
      state: 'done',
      result: { path: out },
    })
    expect((await readSaeFolder(out)).sae).toEqual((await readSaeFolder(golden('topk'))).sae)
    expect(await done('export', { sae: imported.id, destination: out })).toMatchObject({
      state: 'failed',
      error: { code: 'export/not-empty' },
    })
    await client.call('saes.remove', { id: imported.id })

    await writeFile(join(root, 'ae.pt'), 'PK\x03\x04')
    const pickle = await done('import', { path: root, as: 'sae' })
    expect(pickle).toMatchObject({ state: 'failed', error: { code: 'sae/pickle' } })
    // it stands there with its reason until somebody deletes it
    expect(await client.call('saes.list', undefined)).toMatchObject([{ id: pickle.id, state: 'stopped' }])
    await client.call('saes.remove', { id: pickle.id })
    expect(await client.call('saes.list', undefined)).toEqual([])
    expect(await readdir(join(workspace, 'saes'))).toEqual([])
  })

  it('that cannot be read are told from those that were stopped', async () => {
    const { client, workspace } = await testHost()
    await cp(golden('topk'), join(workspace, 'saes', 'damaged'), { recursive: true })
    await writeFile(join(workspace, 'saes', 'damaged', 'cfg.json'), '{"d_in": "many"}')
    await smallHarvest(join(workspace, 'harvests', 'small'))
    const params = { harvest: 'small', width: 32, k: 4, batch: 64, tokens: 64 * 1e6 }
    const { id } = await client.call('jobs.start', { kind: 'train', params })
    await jobUntil(client, id, (job) => job.progress.phase === 'working')
    expect((await client.call('saes.list', undefined)).find((sae) => sae.id === id)).toMatchObject({
      state: 'training',
    })
    await expect(client.call('saes.remove', { id })).rejects.toMatchObject({ code: 'sae/in-use' })
    await client.call('jobs.cancel', { id })
    await jobUntil(client, id, ended)
    const states = (await client.call('saes.list', undefined)).map((sae) => [sae.id, sae.state])
    expect(Object.fromEntries(states)).toEqual({ [id]: 'stopped', damaged: 'damaged' })
    // its job goes with it
    await client.call('saes.remove', { id })
    await expect(client.call('jobs.get', { id })).rejects.toMatchObject({ code: 'jobs/unknown' })
  })

  it('that are trained side by side are listed each by itself, evaluated and removed', async () => {
    const { client, workspace } = await testHost()
    await smallHarvest(join(workspace, 'harvests', 'small'))
    const params = { harvest: 'small', width: 32, sweep: 'k=2,4', batch: 64, tokens: 64 * 30 }
    const alone = await client.call('saes.plan', { ...params, sweep: undefined })
    const plan = await client.call('saes.plan', params)
    expect(plan).toMatchObject({ members: 2, bytes: { gradients: 2 * alone.bytes.gradients } })
    const { id } = await client.call('jobs.start', { kind: 'train', params })
    const job = await jobUntil(client, id, ended)
    expect(job).toMatchObject({ state: 'done', title: 'Train topk × 32, k=2,4, on the harvest small' })
    const members = [`${id}-1`, `${id}-2`]
    expect(job.result).toMatchObject({
      ...{ id, fvu: null },
      members: [
        { id: members[0], name: 'k = 2', fvu: expect.any(Number) as number },
        { id: members[1], name: 'k = 4', fvu: expect.any(Number) as number },
      ],
    })
    expect(job.artifacts.map(({ path }) => path)).toEqual(members.map((one) => join(workspace, 'saes', one)))
    const list = await client.call('saes.list', undefined)
    expect(list.map((sae) => sae.id).sort()).toEqual(members)
    expect(list.find((sae) => sae.id === members[1])).toMatchObject({
      ...{ state: 'ready', config: { k: 4 }, sweep: { job: id, of: 'k=2,4', name: 'k = 4', members } },
    })
    expect((await client.call('saes.curves', { id: members[0]! })).steps).toBe(30)
    await client.call('saes.remove', { id: members[0]! })
    expect((await client.call('saes.list', undefined)).map((sae) => sae.id)).toEqual([members[1]])
    expect((await client.call('jobs.get', { id })).state).toBe('done')
  })

  it('that a sweep has not finished go together, with their job', async () => {
    const { host, client, workspace } = await testHost()
    await smallHarvest(join(workspace, 'harvests', 'small'))
    const params = { harvest: 'small', width: 32, sweep: 'k=2,4', batch: 64, tokens: 64 * 1e6 }
    const { id } = await client.call('jobs.start', { kind: 'train', params })
    await jobUntil(client, id, (job) => job.progress.phase === 'working')
    // another window, opened meanwhile, sees the same go on, and going away disturbs nothing
    const [near, far] = loopback()
    host.service.connect(far)
    const other = new Client(contract, near, { app: 'another window' })
    const done = ({ progress }: Job) => (progress.phase === 'working' ? progress.done : 0)
    const seen = done(await jobUntil(other, id, (job) => done(job) > 0))
    const curves = await other.call('saes.curves', { id: `${id}-2`, points: 10 })
    expect(curves.steps).toBeGreaterThan(0)
    await jobUntil(client, id, (job) => done(job) > seen)
    await jobUntil(other, id, (job) => done(job) > seen)
    other.close()
    await jobUntil(client, id, (job) => done(job) > seen + 1)
    const states = async () =>
      (await client.call('saes.list', undefined)).map((sae) => [sae.id, sae.state, sae.sweep?.name])
    expect((await states()).sort()).toEqual([
      [`${id}-1`, 'training', 'k = 2'],
      [`${id}-2`, 'training', 'k = 4'],
    ])
    await expect(client.call('saes.remove', { id: `${id}-2` })).rejects.toMatchObject({ code: 'sae/in-use' })
    await client.call('jobs.cancel', { id })
    await jobUntil(client, id, ended)
    await client.call('saes.remove', { id: `${id}-2` })
    expect(await states()).toEqual([])
    await expect(client.call('jobs.get', { id })).rejects.toMatchObject({ code: 'jobs/unknown' })
  })

  it('that are not finished go with their job, and those that are stay', async () => {
    const { client, workspace } = await testHost()
    await smallHarvest(join(workspace, 'harvests', 'small'))
    await cp(golden('gated'), join(workspace, 'saes', 'from-elsewhere'), { recursive: true })
    const params = { harvest: 'small', width: 32, k: 4, batch: 64, tokens: 64 * 1e6, validateEvery: 20 }
    const { id } = await client.call('jobs.start', { kind: 'train', params })
    await jobUntil(client, id, (job) => job.progress.phase === 'working')
    await client.call('jobs.cancel', { id })
    await jobUntil(client, id, ended)
    expect(await readdir(join(workspace, 'saes'))).toContain(id)
    const { freedBytes } = await client.call('jobs.delete', { id })
    expect(freedBytes).toBeGreaterThan(0)
    expect(await readdir(join(workspace, 'saes'))).toEqual(['from-elsewhere'])
    const whole = await client.call('jobs.start', { kind: 'train', params: { ...params, tokens: 64 * 20 } })
    await jobUntil(client, whole.id, ended)
    await client.call('jobs.delete', { id: whole.id })
    expect((await client.call('saes.list', undefined)).map((sae) => [sae.id, sae.state])).toContainEqual([
      ...[whole.id, 'ready'],
    ])
  })

  it('that were trained live have no harvest, and are measured on one that is named', async () => {
    const { client, workspace } = await testHost()
    const texts = Array.from({ length: 90 }, (_, n) => ({
      text: `The patient number ${n} said that. `.repeat(8),
    }))
    const corpus = join(await corpusFolder({ 'a.jsonl': jsonLines(texts) }), 'a.jsonl')
    const model = demoLlama.folder
    const live = { live: true, model, corpus, layer: 1, width: 64, k: 4, batch: 64, tokens: 64 * 30 }
    const plan = await client.call('saes.plan', live)
    expect(plan).toMatchObject({ steps: 30, time: null, refusal: null })
    expect(plan.bytes.beside).toBeGreaterThan(3e8)
    await expect(client.call('saes.plan', { ...live, layer: 99 })).rejects.toMatchObject({
      code: 'hook/unknown',
    })
    await expect(client.call('saes.plan', { ...live, model: undefined })).rejects.toMatchObject({
      code: 'sae/options',
    })
    const { id } = await client.call('jobs.start', { kind: 'train', params: live })
    const job = await jobUntil(client, id, ended)
    expect(job).toMatchObject({ state: 'done', error: null })
    expect((await client.call('saes.list', undefined)).find((sae) => sae.id === id)).toMatchObject({
      ...{ state: 'ready', config: { live: true, corpus } },
      done: { hook: 'blocks.1.hook_resid_post', validation: { fvu: expect.any(Number) as number } },
    })
    expect(await readdir(join(workspace, 'harvests'))).toEqual([])
    const evaluate = await client.call('jobs.start', { kind: 'evaluate', params: { sae: id } })
    expect(await jobUntil(client, evaluate.id, ended)).toMatchObject({
      error: { code: 'evaluate/no-harvest' },
    })
  })
})

// Features through the contract: indexed by a job, read, searched, annotated; refused where they do not belong, and readable without their harvest.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workFolder } from '../../../src/main/features/index-folder.ts'
import { openHost } from '../../../src/main/host/host.ts'
import { lockFile } from '../../../src/main/store/lock.ts'
import { type AppContract, contract } from '../../../src/shared/contract/index.ts'
import { featureSearchSchema } from '../../../src/shared/feature-search.ts'
import type { Job } from '../../../src/shared/jobs/job.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { loopback } from '../../../src/shared/wire/loopback.ts'
import { builtCompute, CLI } from '../../helpers/built.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { demoLlama } from '../../helpers/llama.ts'
import { smallPlace } from '../../helpers/small-index.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

async function workFolderOf(sae: string): Promise<string> {
  const folder = workFolder(sae, 'small')
  await mkdir(folder, { recursive: true })
  return folder
}

/** The JSON of a command that is given in the workspace's folder. */
async function printed(sae: string, command: readonly string[]) {
  const workspace = dirname(dirname(sae))
  const args = [CLI, '--workspace', workspace, '--json', ...command]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: workspace })
  return JSON.parse(stdout) as { readonly id: string; readonly freedBytes: number }
}

const ended = (job: Job) => job.state !== 'queued' && job.state !== 'running'

let root: string

/** A job of this kind, once it has ended. */
async function run(
  client: Client<AppContract>,
  kind: 'import' | 'index' | 'verify-index',
  params: Record<string, unknown>,
): Promise<Job> {
  const { id } = await client.call('jobs.start', { kind, params })
  return jobUntil(client, id, ended)
}

// a workspace with a harvest, an SAE, the model of both, and an index of both
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
  const job = await run(client, 'index', { sae: 'chance', harvest: 'small' })
  expect(job).toMatchObject({ state: 'done', result: { sae: 'chance', harvest: 'small', features: 64 } })
  await host.close()
}, 120_000)
afterAll(() => rm(root, { recursive: true, force: true }))

/** A host with a copy of it. */
async function place() {
  const copy = join(await temporaryFolder(), 'workspace')
  await cp(join(root, 'workspace'), copy, { recursive: true })
  const { client } = await testHost({ workspace: copy })
  return {
    ...{ client, harvest: join(copy, 'harvests', 'small'), sae: join(copy, 'saes', 'chance') },
    index: (params: object) => run(client, 'index', { ...params }),
  }
}

const at = { sae: 'chance' }

describe('the features of a host', { timeout: 120_000 }, () => {
  it('are read one by one and all at once, by context and by token', async () => {
    const { client } = await place()
    const plan = await client.call('features.plan', { ...at, harvest: 'small' })
    expect(plan).toMatchObject({ rows: 2_499, share: 1, l0: 5 })
    const [only, ...others] = await client.call('features.indexes', at)
    expect(others).toEqual([])
    expect(only).toMatchObject({ harvest: 'small', state: 'ready', problem: null, missing: [] })
    expect(only!.bytes).toBeLessThan(plan.disk.bytes)

    expect(await run(client, 'verify-index', at)).toMatchObject({
      ...{ state: 'done', result: { ok: true, harvest: 'small', rows: only!.manifest!.rows, changed: 0 } },
    })

    const table = await client.call('features.table', at)
    expect(table.features).toBe(64)
    expect(table.density).toHaveLength(64)
    expect(table.byStratum).toHaveLength(2 * 64)
    expect(table.sparks).toHaveLength(16 * 64)
    const strongest = table.density.indexOf(Math.max(...table.density))
    const page = await client.call('features.feature', { ...at, feature: strongest })
    expect(page.density).toBeCloseTo(table.density[strongest]!, 6)
    expect(page.top[0]!.value).toBe(page.max)
    const { from, position, values, texts } = page.top[0]!
    expect(values[position - from]).toBe(page.max)
    expect(texts).toHaveLength(values.length)
    expect(page.logits!.up).toHaveLength(10)
    expect(page.near).toHaveLength(50)
    expect(page.byStratum.map(({ name }) => name)).toEqual(['clinic', 'story'])
    const dead = await client.call('features.feature', { ...at, feature: 63 })
    expect(dead).toMatchObject({
      firings: 0,
      top: [],
      quantiles: [],
      tokensByMean: [],
      together: [],
      after: null,
    })
    expect(dead.flags.map(({ flag }) => flag)).toEqual(['dead'])
    await expect(client.call('features.feature', { ...at, feature: 64 })).rejects.toMatchObject({
      code: 'features/unknown',
    })

    const context = await client.call('features.context', { ...at, context: page.top[0]!.context })
    const fired = (feature: number) =>
      Array.from(context.tokens, (_, token) => {
        const place = context.features
          .subarray(context.starts[token], context.starts[token + 1])
          .indexOf(feature)
        return place < 0 ? 0 : context.values[context.starts[token]! + place]!
      })
    expect(Math.max(...fired(strongest))).toBe(page.max)
    const alone = await client.call('features.context', {
      ...at,
      context: context.context,
      features: [strongest],
    })
    expect(alone.values).toEqual(Float32Array.from(fired(strongest).filter((value) => value > 0)))
    await expect(client.call('features.context', { ...at, context: 1e6 })).rejects.toMatchObject({
      code: 'features/no-context',
    })

    const all = await client.call('features.firings', { ...at, feature: strongest, limit: 200 })
    expect(all.total).toBe(page.contexts)
    expect(all.examples[0]!.value).toBe(page.max)
    const story = await client.call('features.firings', {
      ...at,
      feature: strongest,
      stratum: 'story',
      order: 'corpus',
    })
    expect(story.total).toBeLessThan(all.total)
    expect(story.examples.every(({ stratum }) => stratum === 'story')).toBe(true)
    const contexts = story.examples.map((one) => one.context)
    expect(contexts).toEqual(contexts.toSorted((a, b) => a - b))

    const tokens = await client.call('features.tokens', { ...at, text: 'HEAR' })
    expect(tokens[0]).toMatchObject({ text: ' heart' })
    const found = await client.call('features.byToken', { ...at, token: tokens[0]!.id })
    expect(found).toHaveLength(tokens[0]!.features)
    expect(found[0]!.share).toBeGreaterThanOrEqual(found.at(-1)!.share)
  })

  it('are ranked by how much more they fire at what is searched, and bad searches do no harm', async () => {
    const { client } = await place()
    const hits = await client.call('features.search', { ...at, text: 'heart' })
    expect(hits.contexts.hits.length).toBeGreaterThan(3)
    expect(hits.indexed.every(Boolean)).toBe(true)
    expect(hits.features.length).toBeGreaterThan(3)
    // naive: rows of tokens that spell the word and of four behind, in the contexts that were found
    const near = { rows: 0, fired: new Map<number, number>() }
    const searched = await client.call('features.search', {
      ...at,
      text: 'heart',
      contexts: 128,
      features: 0,
    })
    expect(searched.features).toEqual([])
    for (const { context } of searched.contexts.hits) {
      const { texts, starts, features, special } = await client.call('features.context', { ...at, context })
      const matches = texts.flatMap((text, token) => (text.trim() === 'heart' ? [token] : []))
      for (const token of new Set(matches.flatMap((match) => [0, 1, 2, 3, 4].map((more) => match + more)))) {
        if (token >= texts.length || special[token] === 1) continue
        near.rows++
        for (const feature of features.subarray(starts[token], starts[token + 1])) {
          near.fired.set(feature, (near.fired.get(feature) ?? 0) + 1)
        }
      }
    }
    expect(hits.rows).toBe(near.rows)
    for (const { feature, found, lift, everywhere, examples } of hits.features) {
      expect(found).toBe(near.fired.get(feature))
      expect(lift).toBeCloseTo(found / near.rows / everywhere, 6)
      expect(examples.length).toBeGreaterThan(0)
      expect(examples[0]!.value).toBeGreaterThan(0)
    }
    const scores = hits.features.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))

    const spanish = await client.call('features.search', {
      ...at,
      text: 'corazón OR heart',
      languages: ['es'],
    })
    expect(spanish.contexts.hits.length).toBeGreaterThan(0)
    expect(spanish.contexts.hits.every(({ excerpt }) => !excerpt.includes('heart'))).toBe(true)
    expect(
      (await client.call('features.search', { ...at, text: 'heart', strata: ['none'] })).contexts.hits,
    ).toEqual([])
    const rare = await client.call('features.search', {
      ...at,
      text: 'heart',
      density: { from: 0, to: 0.05 },
    })
    expect(rare.features.every(({ density }) => density <= 0.05)).toBe(true)

    for (const text of [
      '',
      '"',
      '((',
      '😀',
      'שלום עולם',
      '‮abc',
      "'; DROP TABLE feature; --",
      'AND OR NOT',
      '*',
      'a*b(c',
    ]) {
      expect((await client.call('features.search', { ...at, text })).features).toBeInstanceOf(Array)
    }
    await expect(client.call('features.search', { ...at, text: 'x'.repeat(10_000) })).rejects.toMatchObject({
      code: 'search/too-long',
    })
    await expect(client.call('features.search', { ...at, text: '-heart' })).rejects.toMatchObject({
      code: 'search/only-without',
    })
    expect(featureSearchSchema.safeParse({ ...at, text: 'a', features: 501 }).success).toBe(false)
  })

  it('are ranked over sets of prompts, which is saved', async () => {
    const { client } = await place()
    const watched = new Promise<string>((resolve, reject) => {
      client.subscribe('lab.watch', undefined, {
        state: ({ runs }) => runs[0] && resolve(runs[0].id),
        end: (error) => reject(new Error(error?.message)),
      })
    })
    const set = { name: 'Hearts', source: '', prompts: ['of the heart', 'chest pain'], parallel: null }
    const { id } = await client.call('lab.saveSet', { id: null, set })
    const told: number[] = []
    await new Promise<void>((resolve, reject) => {
      client.subscribe(
        'lab.run',
        { sae: 'chance', a: id, b: null },
        {
          state: ({ done }) => told.push(done),
          end: (error) => (error ? reject(new Error(error.message)) : resolve()),
        },
      )
    })
    expect(told.at(-1)).toBe(2)
    const run = await client.call('lab.result', { id: await watched })
    const read = await client.call('features.read', { ...at, text: set.prompts[0]! })
    const feature = read.features[read.starts[read.special.lastIndexOf(0)]!]!
    expect(run.sides[0]).toMatchObject({ name: 'Hearts', prompts: 2 })
    expect(run.shares[0]![run.features.indexOf(feature)]).toBeGreaterThanOrEqual(0.5)
    await client.call('model.unload', undefined)
  })

  it('are read live off a text as the index has them, and have notes that stay with the SAE', async () => {
    const { client, sae } = await place()
    // a context that begins a document, so that the model sees it as it did
    const context = await client.call('features.context', { ...at, context: 0 })
    const text = context.texts.slice(1).join('')
    const read = await client.call('features.read', { ...at, text })
    expect([...read.tokens]).toEqual([...context.tokens])
    expect(read.texts.join('')).toBe(context.texts.join(''))
    expect([...read.special].slice(0, 2)).toEqual([1, 0])
    expect(
      [...read.features].filter((feature, at) => feature === context.features[at]).length,
    ).toBeGreaterThan(0.97 * context.features.length)
    for (const [at, value] of read.values.entries()) expect(value).toBeCloseTo(context.values[at]!, 0)
    const some = await client.call('features.read', { ...at, text, features: [context.features[7]!] })
    expect(new Set(some.features)).toEqual(new Set([context.features[7]]))
    await client.call('model.unload', undefined)

    const notes: number[] = []
    client.subscribe('features.watchNotes', at, {
      state: (all) => notes.push(all.length),
      end: () => undefined,
    })
    const note = await client.call('features.annotate', {
      ...at,
      feature: 7,
      label: ' Heart ',
      lists: ['b', 'a', 'b'],
    })
    expect(note).toMatchObject({ feature: 7, starred: false, lists: ['a', 'b'], note: '' })
    expect(note.labels).toMatchObject([{ text: 'Heart', method: 'hand', score: null }])
    await client.call('features.annotate', { ...at, feature: 7, starred: true, note: 'see 8' })
    await client.call('features.annotate', { ...at, feature: 9, label: 'the lungs' })
    expect(await client.call('features.notes', at)).toMatchObject([
      { feature: 7, starred: true, note: 'see 8', labels: [{ text: 'Heart' }] },
      { feature: 9, starred: false },
    ])
    expect(
      (await client.call('features.byLabel', { ...at, text: 'lung' })).map(({ feature }) => feature),
    ).toEqual([9])
    expect(
      (await client.call('features.byLabel', { ...at, text: '' })).map(({ feature }) => feature),
    ).toEqual([7, 9])
    await client.call('features.annotate', { ...at, feature: 9, label: '' })
    expect((await client.call('features.notes', at))[1]!.labels).toEqual([])
    await expect(
      client.call('features.annotate', { ...at, feature: 64, starred: true }),
    ).rejects.toMatchObject({
      code: 'features/unknown',
    })
    await expect.poll(() => notes.at(-1)).toBe(2)
    // a copy has them, too
    await cp(sae, `${sae}-copy`, { recursive: true })
    expect(await client.call('features.notes', { sae: 'chance-copy' })).toHaveLength(2)
  })

  it('are refused where SAE and harvest do not belong together, and stay readable without their harvest', async () => {
    const { client, index, harvest, sae } = await place()
    const config = JSON.parse(await readFile(join(sae, 'cfg.json'), 'utf8')) as {
      metadata: Record<string, string>
    }
    const wrong = async (name: string, metadata: Record<string, string>) => {
      const folder = sae.replace(/chance$/, name)
      await cp(sae, folder, { recursive: true })
      const changed = { ...config, metadata: { ...config.metadata, ...metadata } }
      await writeFile(join(folder, 'cfg.json'), JSON.stringify(changed))
      return index({ sae: name, harvest: 'small' })
    }
    expect(await index(at)).toMatchObject({ error: { code: 'features/no-harvest' } })
    const hook = await wrong('hook', { hook_name: 'blocks.0.hook_mlp_out' })
    expect(hook.error).toMatchObject({ code: 'sae/other-hook' })
    expect(hook.error!.message).toMatch(/blocks\.0\.hook_mlp_out.*blocks\.1\.hook_resid_post/)
    const model = await wrong('model', { model_name: 'someone/else' })
    expect(model.error).toMatchObject({ code: 'sae/other-model' })
    expect(model.error!.message).toMatch(/someone\/else.*demo/)

    const before = await client.call('features.feature', { ...at, feature: 3 })
    await rename(harvest, `${harvest}-elsewhere`)
    // and from where it was when it was indexed
    await rm(join(root, 'workspace', 'harvests', 'small'), { recursive: true })
    expect((await client.call('features.indexes', at))[0]).toMatchObject({
      ...{ state: 'ready', missing: [{ what: 'harvest' }] },
    })
    expect(await client.call('features.feature', { ...at, feature: 3 })).toEqual(before)
    await expect(client.call('features.search', { ...at, text: 'heart' })).rejects.toMatchObject({
      code: 'harvest/gone',
    })
    await rename(`${harvest}-elsewhere`, harvest)
    expect((await client.call('features.search', { ...at, text: 'heart' })).features.length).toBeGreaterThan(
      0,
    )

    // while another job builds it, a second one says so, and leaves it alone
    const lock = lockFile(join(await workFolderOf(sae), 'lock'))
    expect(await index({ ...at, harvest: 'small' })).toMatchObject({
      ...{ state: 'failed', error: { code: 'features/busy' } },
    })
    lock!.release()
    expect((await client.call('features.indexes', at)).map(({ state }) => state)).toContain('ready')

    // of another version: it says so until it is built again
    const path = join(sae, 'indexes', 'small', 'manifest.json')
    const manifest = await readFile(path, 'utf8')
    await writeFile(path, manifest.replace('"format": 1', '"format": 0'))
    expect((await client.call('features.indexes', at))[0]).toMatchObject({ state: 'outdated' })
    await expect(client.call('features.table', at)).rejects.toMatchObject({ code: 'features/outdated' })
    expect(await index({ ...at, harvest: 'small' })).toMatchObject({ state: 'done' })
    // the same, but for where its harvest is now
    expect(await readFile(path, 'utf8')).toBe(
      manifest.replace(join(root, 'workspace', 'harvests', 'small'), harvest),
    )
    expect((await client.call('features.table', at)).features).toBe(64)
    await rm(path)
    expect((await client.call('features.indexes', at))[0]).toMatchObject({ state: 'damaged' })
    // a path is meant from the terminal's folder, which is not the host's
    const byPath = ['indexes', '--sae', './saes/chance']
    expect(await printed(sae, byPath)).toMatchObject({ indexes: [{ harvest: 'small', state: 'damaged' }] })
    const { id, freedBytes } = await printed(sae, ['remove', at.sae, '--index', 'sm'])
    expect(id).toBe('small')
    expect(freedBytes).toBeGreaterThan(100_000)
    expect(await client.call('features.indexes', at)).toEqual([])
    await expect(client.call('features.table', at)).rejects.toMatchObject({ code: 'features/none' })
  })
})

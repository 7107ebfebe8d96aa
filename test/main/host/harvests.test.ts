// Harvests over the contract: the registry and its states, what one is asked, what one costs, and what removing one frees.
import { copyFile, cp, mkdir, readdir, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AppContract } from '../../../src/shared/contract/index.ts'
import type { HarvestSketch } from '../../../src/shared/harvests.ts'
import { isActive } from '../../../src/shared/jobs/state.ts'
import type { Client } from '../../../src/shared/wire/client.ts'
import { corpusFolder, jsonLines } from '../../helpers/corpus.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { demoLlama } from '../../helpers/llama.ts'

beforeEach(() => {
  setEnvironment({ VK_ICD_FILENAMES: '/no/such.json' })
})

const words = ['the patient', 'said', 'and it came to pass', 'el señor', '心', 'chest pain', 'of the house']

async function smallCorpus(): Promise<string> {
  const records = Array.from({ length: 60 }, (_, document) => ({
    text: `${Array.from({ length: 5 + (document % 9) }, (_, place) => words[(document * 3 + place) % words.length]).join(' ')}. The document ${document} ends here.`,
    domain: document % 3 === 0 ? 'law' : 'prose',
  }))
  return join(await corpusFolder({ 'corpus.jsonl': jsonLines(records) }), 'corpus.jsonl')
}

/** Moves, cuts and spoils the files of a harvest: each is told, and reading goes on once they are back. */
async function spoil(client: Client<AppContract>, id: string): Promise<void> {
  const search = () => client.call('harvests.search', { id, text: 'chest' })
  expect((await search()).hits.length).toBeGreaterThan(0)
  const { harvest } = await client.call('harvests.get', { id })
  const index = join(harvest.path, 'index.sqlite')
  await rename(index, `${index}.away`)
  await expect(search()).rejects.toMatchObject({ code: 'harvest/damaged' })
  expect((await client.call('harvests.get', { id })).harvest).toMatchObject({ state: 'damaged' })
  await rename(`${index}.away`, index)
  expect((await search()).hits.length).toBeGreaterThan(0)

  await copyFile(index, `${index}.whole`)
  await truncate(index, 20_000)
  await expect(search()).rejects.toMatchObject({ code: 'disk/corrupt' })
  await rename(`${index}.whole`, index)
  expect((await search()).hits.length).toBeGreaterThan(0)

  const shard = join(harvest.path, 'shard-00000.arrow')
  await rename(shard, `${shard}.away`)
  const view = client.call('harvests.context', { id, context: 0 })
  await expect(view).rejects.toMatchObject({ code: expect.stringMatching(/^(disk|harvest)\//) as string })
  await rename(`${shard}.away`, shard)
  expect((await client.call('harvests.context', { id, context: 0 })).tokens.length).toBeGreaterThan(1)

  await writeFile(join(harvest.path, 'manifest.json'), '{}')
  expect((await client.call('harvests.list', undefined))[0]).toMatchObject({
    state: 'damaged',
    config: null,
  })
  expect((await client.call('harvests.remove', { id })).freedBytes).toBeGreaterThan(0)
}

describe('a harvest', () => {
  it('is listed from the beginning, tells how it stands, and then what is in it', async () => {
    const { client, host } = await testHost()
    const states: string[] = []
    client.subscribe('harvests.watch', undefined, {
      state: ([first]) => first && states.at(-1) !== first.state && states.push(first.state),
    })
    const job = await client.call('jobs.start', {
      kind: 'harvest',
      params: {
        ...{ model: demoLlama.folder, corpus: await smallCorpus(), layer: 1, tokens: 1_500 },
        ...{ contextLength: 32, stratumField: 'domain' },
      },
    })
    const { id } = job
    let sketch: HarvestSketch | null = null
    client.subscribe('harvests.sketch', { id }, { state: (state) => (sketch = state) })
    expect((await jobUntil(client, id, ({ state }) => !isActive(state))).error).toBeNull()
    await expect.poll(() => states.at(-1)).toBe('ready')
    // waiting is short
    expect(states.at(-2)).toBe('running')
    expect(sketch).toMatchObject({ shards: 0, strata: { law: {}, prose: {} } })

    const { harvest, manifest } = await client.call('harvests.get', { id: id.slice(0, 4) })
    expect(harvest).toMatchObject({
      id,
      state: 'ready',
      problem: null,
      done: { rows: manifest?.ledger.rows },
    })
    expect(harvest.bytes).toBeGreaterThan(1_500 * 192 * 2)

    const { hits, matches, sampled } = await client.call('harvests.search', { id, text: 'chest' })
    expect([hits.length, sampled]).toEqual([matches, false])
    const [hit] = hits
    const [start, end] = hit!.ranges[0]!
    expect(hit!.excerpt.slice(start - hit!.from, end - hit!.from)).toBe('chest')

    const view = await client.call('harvests.context', { id, context: hit!.context })
    expect(view.spelled).toBe(true)
    expect(view.tokens.map((token) => view.text.slice(token.start, token.end)).join('')).toBe(view.text)
    expect(view.tokens[0]).toMatchObject({ split: 0, leftOut: 'special', start: 0, end: 0 })
    expect(view.tokens[0]!.special).not.toBe('')
    expect(view.documents[0]).toMatchObject({ stratum: expect.stringMatching(/^(law|prose)$/) as string })
    const place = view.tokens.findIndex((token) => token.start >= start)
    const row = await client.call('harvests.row', { id, row: view.firstRow + place, nearest: 5 })
    expect(row).toMatchObject({
      ...{ context: view.context, position: place, token: view.tokens[place]!.id },
      ...{ norm: view.tokens[place]!.norm, compared: harvest.done!.rows - 1, rows: harvest.done!.rows },
    })
    expect(row.nearest.map(({ cosine }) => cosine)).toEqual(
      row.nearest.map(({ cosine }) => cosine).sort((a, b) => b - a),
    )
    // the corpus repeats itself: the nearest is the same token elsewhere
    const same = view.text.slice(view.tokens[place]!.start, view.tokens[place]!.end)
    expect(row.nearest[0]).toMatchObject({ text: same })
    expect(row.nearest[0]!.cosine).toBeGreaterThan(0.9)

    await expect(client.call('harvests.row', { id, row: 10 ** 9 })).rejects.toMatchObject({
      code: 'harvest/no-row',
    })
    await expect(client.call('harvests.context', { id, context: 10 ** 9 })).rejects.toMatchObject({
      code: 'harvest/no-context',
    })
    await expect(client.call('harvests.search', { id, text: '-only' })).rejects.toMatchObject({
      code: 'search/only-without',
    })

    // every context is spelled out, and every document ends where the next one begins
    const views = []
    for (let context = 0; context < harvest.done!.contexts; context++) {
      views.push(await client.call('harvests.context', { id, context }))
    }
    for (const { context, text, tokens, documents } of views) {
      expect(tokens.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
      const [document, ...others] = documents
      expect(others).toEqual([])
      const own = views.filter((other) => other.documents[0]!.ordinal === document!.ordinal)
      expect([document!.first, document!.last]).toEqual([own[0]!.context, own.at(-1)!.context])
      expect(own.map((other) => other.context)).toContain(context)
    }

    // what was measured is what the next one is estimated by
    const config = { ...manifest!.config, tokens: 3_000 }
    const cost = await client.call('harvests.estimate', config)
    expect(cost.time!.basis).toContain(id)
    expect(cost.time!.seconds).toBeCloseTo(3_000 / cost.time!.tokensPerSecond, 5)
    expect(cost.disk.bytes).toBe(3_000 * (192 * 2 + 60))
    await expect(client.call('harvests.estimate', { ...config, layer: 9 })).rejects.toMatchObject({
      code: 'hook/unknown',
    })
    await expect(client.call('harvests.estimate', { ...config, contextLength: 9_000 })).rejects.toMatchObject(
      { code: 'harvest/context' },
    )

    const away = { ...config, corpus: '/no/such.jsonl' }
    await expect(client.call('harvests.estimate', away)).rejects.toMatchObject({ code: 'corpus/missing' })

    // a copy is a harvest like any other
    await cp(harvest.path, join(host.workspace.harvests, 'copy'), { recursive: true })
    await spoil(client, 'copy')

    // a job that needs it keeps it from being removed
    const verify = await client.call('jobs.start', { kind: 'verify', params: { harvest: id } })
    await expect(client.call('harvests.remove', { id })).rejects.toMatchObject({ code: 'harvest/in-use' })
    expect((await jobUntil(client, verify.id, ({ state }) => !isActive(state))).state).toBe('done')
    const { freedBytes } = await client.call('harvests.remove', { id })
    expect(freedBytes).toBe(harvest.bytes)
    expect(await readdir(host.workspace.harvests)).toEqual([])
    await expect(client.call('harvests.search', { id, text: 'x' })).rejects.toMatchObject({
      code: 'harvest/unknown',
    })
  })

  it('that is not finished goes with its job, and one without a job can be removed', async () => {
    const { client, host } = await testHost()
    const long = { tokens: 10 ** 6, contextLength: 64, batch: 1 }
    const corpus = await corpusFolder({
      'a.jsonl': jsonLines(Array.from({ length: 20_000 }, (_, n) => ({ text: `${words.join(' ')} ${n}` }))),
    })
    const { id } = await client.call('jobs.start', {
      kind: 'harvest',
      params: { model: demoLlama.folder, corpus, layer: 1, ...long },
    })
    await jobUntil(client, id, ({ progress }) => progress.phase === 'working')
    await expect(client.call('harvests.remove', { id })).rejects.toMatchObject({ code: 'harvest/in-use' })
    await expect(client.call('harvests.search', { id, text: 'the' })).rejects.toMatchObject({
      code: 'harvest/unfinished',
    })
    await client.call('jobs.pause', { id })
    await jobUntil(client, id, ({ state }) => state === 'paused')
    const stopped = (await client.call('harvests.list', undefined))[0]
    expect(stopped).toMatchObject({ id, state: 'stopped', resumable: true, config: { tokens: 10 ** 6 } })
    expect(stopped!.bytes).toBeGreaterThan(0)
    const { bytes } = await client.call('jobs.size', { id })
    const { freedBytes } = await client.call('jobs.delete', { id })
    expect(freedBytes).toBe(bytes)
    expect(freedBytes).toBeGreaterThanOrEqual(stopped!.bytes)
    expect(await readdir(host.workspace.harvests)).toEqual([])

    const orphan = join(host.workspace.harvests, 'orphan')
    await mkdir(orphan)
    await writeFile(join(orphan, 'shard-00000.arrow'), 'abc')
    expect(await client.call('harvests.list', undefined)).toMatchObject([
      { id: 'orphan', state: 'stopped', resumable: false, bytes: 3, config: null },
    ])
    expect(await client.call('harvests.remove', { id: 'orph' })).toEqual({ freedBytes: 3 })
  })
})

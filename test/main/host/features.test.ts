// Features through the contract: read, searched, ranked over sets of prompts, annotated.
import { cp } from 'node:fs/promises'
import { hasFlag } from '../../../src/shared/feature-flags.ts'
import { describe, expect, it } from 'vitest'
import { featureSearchSchema } from '../../../src/shared/feature-search.ts'
import { at, indexedWorkspace, run } from './indexed-workspace.ts'

const { place } = indexedWorkspace()

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
    const near = { rows: 0, fired: new Map<number, number>(), sums: new Map<number, number>() }
    const searched = await client.call('features.search', {
      ...at,
      text: 'heart',
      contexts: 128,
      features: 0,
    })
    expect(searched.features).toEqual([])
    for (const { context } of searched.contexts.hits) {
      const { texts, starts, features, values, special } = await client.call('features.context', {
        ...at,
        context,
      })
      const matches = texts.flatMap((text, token) => (text.trim() === 'heart' ? [token] : []))
      for (const token of new Set(matches.flatMap((match) => [0, 1, 2, 3, 4].map((more) => match + more)))) {
        if (token >= texts.length || special[token] === 1) continue
        near.rows++
        for (let code = starts[token]!; code < starts[token + 1]!; code++) {
          const feature = features[code]!
          near.fired.set(feature, (near.fired.get(feature) ?? 0) + 1)
          near.sums.set(feature, (near.sums.get(feature) ?? 0) + values[code]!)
        }
      }
    }
    expect(hits.rows).toBe(near.rows)
    for (const { feature, found, lift, everywhere, reach, max, examples } of hits.features) {
      expect(found).toBe(near.fired.get(feature))
      expect(reach).toBeCloseTo(near.sums.get(feature)! / found / max, 5)
      expect(lift).toBeCloseTo(found / near.rows / everywhere, 6)
      expect(examples.length).toBeGreaterThan(0)
      expect(examples[0]!.value).toBeGreaterThan(0)
    }
    // dense ones, of which this SAE has many, stand behind all others
    const ranked = hits.features.map(({ flags, score, reach }) => ({
      dense: hasFlag(flags, 'dense'),
      rank: score * reach,
    }))
    expect(new Set(ranked.map(({ dense }) => dense)).size).toBe(2)
    const order = ranked.toSorted((a, b) => Number(a.dense) - Number(b.dense) || b.rank - a.rank)
    expect(ranked).toEqual(order)

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
})

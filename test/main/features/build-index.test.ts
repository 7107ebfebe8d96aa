// An index of features: against a naive recomputation of all of it, killed and resumed, of a sample, and without its model.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IndexedDocument } from '../../../src/main/activations/index-records.ts'
import { HarvestIndex } from '../../../src/main/activations/harvest-index.ts'
import { ShardReader } from '../../../src/main/activations/shard-reader.ts'
import { buildIndex } from '../../../src/main/features/build-index.ts'
import {
  readExamples,
  readLogits,
  readNear,
  readTogether,
  readTokens,
  readWhole,
} from '../../../src/main/features/blobs.ts'
import { FeatureIndex } from '../../../src/main/features/feature-index.ts'
import { readSaeFolder } from '../../../src/main/sae/exchange/read-sae.ts'
import { lockFile } from '../../../src/main/store/lock.ts'
import { readSafetensorsHeader } from '../../../src/main/llama/safetensors.ts'
import { withInputFile } from '../../../src/main/llama/input-file.ts'
import { positionGroup } from '../../../src/shared/norm-bins.ts'
import type { IndexManifest } from '../../../src/shared/features.ts'
import { dump } from '../../helpers/dump.ts'
import { demoLlama } from '../../helpers/llama.ts'
import { runSae } from '../../helpers/run-sae.ts'
import { idleIndex, indexOrder, smallPlace } from '../../helpers/small-index.ts'

let root: string
let place: Awaited<ReturnType<typeof smallPlace>>
let manifest: IndexManifest
let index: FeatureIndex
let rows: Row[]

/** A row as it is recomputed: with all of its features. */
interface Row {
  readonly context: number
  readonly position: number
  readonly token: number
  readonly sentence: number
  readonly counts: boolean
  /** Rounded to float16. */
  readonly features: Float16Array
}

const F = 64

type Blob = 'histogram' | 'by_group' | 'by_position' | 'examples' | 'tokens' | 'together' | 'near' | 'logits'
type FeatureRow = Readonly<Record<Blob, Uint8Array>> &
  Readonly<Record<'firings' | 'max' | 'mean' | 'sample' | 'decoder_norm', number>> & {
    readonly flags: string
  }

async function recomputed(): Promise<Row[]> {
  const { harvest, model } = await indexOrder(place, '')
  const { sae } = await readSaeFolder(place.sae)
  const all: Row[] = []
  for (const { name } of harvest.manifest.shards) {
    const shard = await ShardReader.open(join(harvest.folder, name))
    const { context, position, token, sentence, activations } = await shard.read(0, shard.rows)
    await shard.close()
    const { features } = await runSae(sae, activations)
    for (let row = 0; row < context.length; row++) {
      all.push({
        ...{ context: context[row]!, position: position[row]!, token: token[row]!, sentence: sentence[row]! },
        counts: !model!.tokenizer.isSpecial(token[row]!),
        features: Float16Array.from(features.subarray(row * F, (row + 1) * F)),
      })
    }
  }
  return all
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  place = await smallPlace(root)
  const folder = join(root, 'index')
  manifest = await buildIndex(await indexOrder(place, folder), idleIndex)
  index = await FeatureIndex.open(folder)
  rows = await recomputed()
}, 120_000)
afterAll(async () => {
  await index.close()
  await rm(root, { recursive: true, force: true })
})

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const counted = () => rows.filter(({ counts }) => counts)
const row = (feature: number) =>
  index.db.prepare<[number], FeatureRow>('SELECT * FROM feature WHERE id = ?').get(feature)!
/** Of each context in which it fires the row with the greatest activation. */
function strongest(feature: number): Row[] {
  const best = new Map<number, Row>()
  for (const one of counted()) {
    const value = one.features[feature]!
    if (value > 0 && value > (best.get(one.context)?.features[feature] ?? 0)) best.set(one.context, one)
  }
  return [...best.values()].sort((a, b) => a.context - b.context)
}

describe('an index of features, against all of it recomputed', () => {
  it('counts rows, codes and features', () => {
    expect(manifest.rows).toBe(rows.length)
    expect(manifest.special).toBe(rows.length - counted().length)
    const codes = sum(counted().map(({ features }) => features.filter((value) => value > 0).length))
    expect(manifest.codes).toBe(codes)
    expect(manifest.contexts).toBe(new Set(rows.map(({ context }) => context)).size)
    expect(manifest.alive).toBeGreaterThan(40)
    expect(manifest.alive).toBeLessThan(F)
    expect(sum(manifest.positions)).toBe(counted().length)
    expect(manifest.strata.map(({ name }) => name)).toEqual(['clinic', 'story'])
    expect(manifest.languages.map(({ name }) => name)).toEqual(['en', 'es'])
    expect(sum(manifest.strata.map((part) => part.rows))).toBe(counted().length)
    expect(manifest.splits.validation).toBeGreaterThan(0)
  })

  it('has the code of every row', async () => {
    for (const context of [0, 7, index.contexts.context.at(-1)!]) {
      const piece = await index.piece(index.placeOf(context))
      const own = rows.filter((one) => one.context === context)
      expect([...piece.token]).toEqual(own.map(({ token }) => token))
      for (const [at, { features }] of own.entries()) {
        const [from, to] = [piece.starts[at]!, piece.starts[at + 1]!]
        const fired = [...features.keys()].filter((feature) => features[feature]! > 0)
        expect([...piece.features.subarray(from, to)]).toEqual(fired)
        expect([...piece.values.subarray(from, to)]).toEqual(fired.map((feature) => features[feature]!))
      }
    }
  })

  it('tells of every feature its numbers, by domain, language, position and split', () => {
    const harvest = HarvestIndex.open(join(place.harvest, 'index.sqlite'))
    const known = new Map<number, IndexedDocument>()
    const documentOf = ({ sentence }: Row) => {
      const found = known.get(sentence) ?? harvest.document(harvest.sentence(sentence)!.document)!
      known.set(sentence, found)
      return found
    }
    for (let feature = 0; feature < F; feature++) {
      const fired = counted().filter(({ features }) => features[feature]! > 0)
      const values = fired.map(({ features }) => features[feature]!)
      const found = row(feature)
      expect(found.firings).toBe(fired.length)
      expect(found.max).toBe(Math.max(0, ...values))
      expect(found.mean).toBeCloseTo(values.length > 0 ? sum(values) / values.length : 0, 6)
      expect(index.columns.density[feature]).toBeCloseTo(fired.length / counted().length, 7)
      const bins = new Array<number>(50).fill(0)
      for (const value of values) bins[Math.min(49, Math.floor((value / found.max) * 50))]!++
      expect([...readWhole(found.histogram)]).toEqual(bins)
      const byGroup = readWhole(found.by_group)
      for (const [group, { stratum, language, validates }] of manifest.groups.entries()) {
        const own = fired.filter((one) => {
          const document = documentOf(one)
          return (
            document.stratum === stratum &&
            document.language === language &&
            (document.split === 2) === validates
          )
        })
        expect(byGroup[group]).toBe(own.length)
      }
      const byPosition = readWhole(found.by_position)
      for (const [group, count] of byPosition.entries()) {
        expect(count).toBe(fired.filter(({ position }) => positionGroup(position) === group).length)
      }
    }
    harvest.close()
  })

  it('knows every context in which a feature fires, and shows the strongest without duplicates', async () => {
    for (const feature of [0, 3, 11, 40]) {
      const best = strongest(feature)
      const fired = await index.firedContexts(feature)
      expect([...fired.context]).toEqual(best.map(({ context }) => context))
      expect([...fired.position]).toEqual(best.map(({ position }) => position))
      expect([...fired.value]).toEqual(best.map(({ features }) => features[feature]!))
      const around = ({ context, position }: Row) =>
        rows
          .filter((one) => one.context === context && Math.abs(one.position - position) <= 16)
          .map(({ token }) => token)
          .sort((a, b) => a - b)
          .join()
      const seen = new Set<string>()
      const top = best
        .toSorted((a, b) => b.features[feature]! - a.features[feature]! || a.context - b.context)
        .filter((one) => !seen.has(around(one)) && seen.add(around(one)))
        .slice(0, 20)
      const { top: found, quantiles, silent } = readExamples(row(feature).examples)
      expect(found.map(({ context, position }) => [context, position])).toEqual(
        top.map(({ context, position }) => [context, position]),
      )
      expect(quantiles).toHaveLength(best.length > 0 ? 5 : 0)
      const shown = new Set(found.map(({ context }) => context))
      for (const { from, to, examples } of quantiles) {
        expect(examples.length).toBeLessThanOrEqual(5)
        for (const { context, value } of examples) {
          expect(value).toBeGreaterThanOrEqual(from)
          expect(value).toBeLessThanOrEqual(to)
          expect(shown.has(context)).toBe(false)
        }
      }
      expect(sum(quantiles.map(({ contexts }) => contexts))).toBe(best.length)
      const contexts = new Set(best.map(({ context }) => context))
      expect(silent.length).toBeLessThanOrEqual(10)
      for (const { context } of silent) expect(contexts.has(context)).toBe(false)
    }
  })

  it('names the tokens a feature is strongest on, and fires on most', () => {
    for (const feature of [2, 9, 33]) {
      const byToken = Map.groupBy(
        counted().filter(({ features }) => features[feature]! > 0),
        ({ token }) => token,
      )
      const all = Array.from(byToken, ([id, fired]) => {
        const values = fired.map(({ features }) => features[feature]!)
        return { id, firings: values.length, mean: sum(values) / values.length }
      })
      const [byMean, byCount] = readTokens(row(feature).tokens)
      const telling = all.filter(({ firings }) => firings >= 3)
      const means = telling.toSorted((a, b) => b.mean - a.mean || a.id - b.id).slice(0, 20)
      expect(byMean!.map(({ id }) => id)).toEqual(means.map(({ id }) => id))
      const counts = all.toSorted((a, b) => b.firings - a.firings || a.id - b.id).slice(0, 20)
      expect(byCount!.map(({ id, firings }) => [id, firings])).toEqual(
        counts.map(({ id, firings }) => [id, firings]),
      )
      const occurs = index.db.prepare<[number], number>('SELECT rows FROM token WHERE id = ?').pluck()
      expect(occurs.get(means[0]!.id)).toBe(counted().filter(({ token }) => token === means[0]!.id).length)
    }
  })

  it('counts which features fire together: here every firing is in the sample', () => {
    const N = counted().length
    const fires = (feature: number) => counted().map(({ features }) => features[feature]! > 0)
    const all = Array.from({ length: F }, (_, feature) => fires(feature))
    const p = all.map((fired) => fired.filter(Boolean).length / N)
    for (const feature of [1, 31, 62]) {
      const found = row(feature)
      expect(found.sample).toBe(all[feature]!.filter(Boolean).length)
      const naive = all
        .map((fired, other) => ({ other, joint: fired.filter((one, at) => one && all[feature]![at]).length }))
        .filter(({ other, joint }) => other !== feature && joint >= 10)
        .map(({ other, joint }) => ({
          ...{ other, joint },
          npmi: Math.log(joint / N / (p[feature]! * p[other]!)) / -Math.log(joint / N),
        }))
        .sort((a, b) => b.npmi - a.npmi || a.other - b.other)
        .slice(0, 50)
      const together = readTogether(found.together)
      expect(together.map((one) => [one.feature, one.joint])).toEqual(
        naive.map(({ other, joint }) => [other, joint]),
      )
      for (const [at, { npmi }] of together.entries()) expect(npmi).toBeCloseTo(naive[at]!.npmi, 5)
    }
  })

  it('compares directions, and takes them through the final norm’s weight and the head', async () => {
    const { sae } = await readSaeFolder(place.sae)
    const D = sae.D
    const direction = (feature: number) => sae.tensors.W_dec!.subarray(feature * D, (feature + 1) * D)
    const dot = (a: Float32Array, b: Float32Array) =>
      a.reduce((total, value, at) => total + value * b[at]!, 0)
    const norm = (a: Float32Array) => Math.sqrt(dot(a, a))
    const [weight, embedding] = [
      await tensorOf('model.norm.weight'),
      await tensorOf('model.embed_tokens.weight'),
    ]
    for (const feature of [0, 17, F - 1]) {
      const found = row(feature)
      const naive = Array.from({ length: F }, (_, other) => ({
        other,
        cosine: dot(direction(feature), direction(other)) / norm(direction(feature)) / norm(direction(other)),
      }))
        .filter(({ other }) => other !== feature)
        .sort((a, b) => b.cosine - a.cosine)
        .slice(0, 50)
      const near = readNear(found.near)
      expect(near).toHaveLength(50)
      expect(near[0]!.feature).toBe(naive[0]!.other)
      for (const [at, { cosine }] of near.entries()) expect(cosine).toBeCloseTo(naive[at]!.cosine, 5)
      expect(found.decoder_norm).toBeCloseTo(norm(direction(feature)), 4)
      const scaled = direction(feature).map((value, d) => value * weight[d]!)
      const logits = Array.from({ length: embedding.length / D }, (_, id) => ({
        ...{ id, value: dot(scaled, embedding.subarray(id * D, (id + 1) * D)) },
      })).sort((a, b) => b.value - a.value)
      const effects = readLogits(found.logits)
      expect(effects.up.map(({ id }) => id)).toEqual(logits.slice(0, 10).map(({ id }) => id))
      expect(effects.down.map(({ id }) => id)).toEqual(
        logits
          .slice(-10)
          .reverse()
          .map(({ id }) => id),
      )
      expect(effects.up[0]!.value).toBeCloseTo(logits[0]!.value, 4)
      expect(sum([...effects.histogram])).toBe(logits.length)
    }
  })

  it('flags a feature that never fires, and takes the harvest’s own texts of one meaning', () => {
    expect(JSON.parse(row(F - 1).flags)).toMatchObject([{ flag: 'dead', evidence: /in none of/ }])
    expect(manifest.aligned).toMatchObject({ source: 'documents of the harvest', texts: 16 })
    expect([...manifest.aligned!.languages].sort()).toEqual(['en', 'es'])
  })
})

/** Of the demo model, which has bfloat16. */
async function tensorOf(name: string): Promise<Float32Array> {
  const path = join(demoLlama.folder, 'model.safetensors')
  const { tensors } = await readSafetensorsHeader(path)
  const { offset, length } = tensors.get(name)!
  const bytes = await withInputFile(path, (file) => file.read(offset, length))
  const halves = new Uint16Array(Uint8Array.from(bytes).buffer)
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer)
}

/** Digests of all files but the database, whose rows are compared. */
async function contentOf(folder: string) {
  const names = (await readdir(folder))
    .filter((name) => !name.startsWith('lock') && name !== 'features.sqlite')
    .sort()
  const digests = await Promise.all(
    names.map(async (name) => [
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ]),
  )
  return { digests, database: dump(join(folder, 'features.sqlite')) }
}

describe('an index that is interrupted', () => {
  it('is the same as one that was never stopped, wherever it was killed', async () => {
    const folder = join(root, 'killed')
    const builder = fileURLToPath(new URL('../../helpers/small-index.ts', import.meta.url))
    const inEachPass = 'Encoding 9, Sorting 2, Describing 9, Pairing 8, Comparing 1, Aligned texts 1'
    for (const kill of inEachPass.split(', ')) {
      const child = fork(builder, [place.harvest, place.sae, folder, kill])
      expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    }
    expect(await buildIndex(await indexOrder(place, folder), idleIndex)).toEqual(manifest)
    expect(await contentOf(folder)).toEqual(await contentOf(join(root, 'index')))
    // one that is done is not begun again
    let passes = 0
    const work = { ...idleIndex, onProgress: () => passes++ }
    expect(await buildIndex(await indexOrder(place, folder), work)).toEqual(manifest)
    expect(passes).toBe(0)
  }, 120_000)

  it('is not built twice at once', async () => {
    const folder = join(root, 'index')
    const lock = lockFile(join(folder, 'lock'))
    await expect(
      indexOrder(place, folder).then((order) => buildIndex(order, idleIndex)),
    ).rejects.toMatchObject({
      code: 'features/busy',
    })
    lock?.release()
  })
})

describe('an index of a part', () => {
  it('takes contexts evenly, and knows which', async () => {
    const folder = join(root, 'part')
    const part = await buildIndex(await indexOrder(place, folder, { share: 0.4 }), idleIndex)
    expect(part.contexts / manifest.contexts).toBeGreaterThan(0.25)
    expect(part.contexts / manifest.contexts).toBeLessThan(0.55)
    const opened = await FeatureIndex.open(folder)
    const contexts = [...opened.contexts.context]
    expect(contexts).toEqual(contexts.toSorted((a, b) => a - b))
    const missing = rows.find(({ context }) => !contexts.includes(context))!.context
    expect(opened.placeOf(missing)).toBe(-1)
    const own = rows.filter(({ context }) => contexts.includes(context))
    expect(part.rows).toBe(own.length)
    await opened.close()
  })

  it('is made without the model, too: what needs it is said to be unknown', async () => {
    const folder = join(root, 'blind')
    const noModel = 'The model is not here.'
    const blind = await buildIndex(await indexOrder(place, folder, { model: null, noModel }), idleIndex)
    expect(blind).toMatchObject({ aligned: null, alignedWhy: noModel, logitsWhy: noModel })
    // special tokens are told by what training left out
    expect(blind.special).toBe(manifest.special)
    const opened = await FeatureIndex.open(folder)
    expect(opened.spells).toBe(false)
    expect([...opened.columns.firings]).toEqual([...index.columns.firings])
    await opened.close()
  })
})

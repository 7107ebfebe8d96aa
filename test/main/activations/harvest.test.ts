// A harvest: every row names its token, sentence and document; the numbers add up; interruptions leave no trace.
import { fork } from 'node:child_process'

import { once } from 'node:events'
import { appendFileSync, rmSync } from 'node:fs'
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { harvest } from '../../../src/main/activations/harvest.ts'
import { readHarvest } from '../../../src/main/activations/harvest-folder.ts'
import { HarvestIndex } from '../../../src/main/activations/harvest-index.ts'
import { assertAddsUp } from '../../../src/main/activations/harvest-ledger.ts'
import { ShardReader } from '../../../src/main/activations/shard-reader.ts'
import { verifyHarvest } from '../../../src/main/activations/verify-harvest.ts'
import { batchOf } from '../../../src/main/llama/batch.ts'
import { Harvester } from '../../../src/main/llama/harvester.ts'
import { noise } from '../../../src/main/llama/noise.ts'
import { Tokenizer } from '../../../src/main/llama/tokenizer.ts'
import type { HarvestConfig, HarvestManifest } from '../../../src/shared/harvest.ts'
import { canMount, smallDisk } from '../../helpers/disk.ts'
import { dump } from '../../helpers/dump.ts'
import { demoLlama } from '../../helpers/llama.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { idle, smallHarvest } from './harvester.ts'

const KILLS = Number(process.env.MONOSCOPE_KILLS ?? 8)
const words = [
  'pain',
  'the patient',
  'said',
  'and it came to pass',
  'import',
  'el señor',
  'chest',
  'of the',
  '心',
]

let corpus: string
let texts: string[]
let folder: string
let manifest: HarvestManifest

/** Documents of many lengths, among them empty, broken and double ones. */
async function writeCorpus(path: string): Promise<string[]> {
  const documents = Array.from({ length: 260 }, (_, document) => {
    const length = 1 + Math.floor(noise(1, 1, document) * 40)
    const pick = (place: number) => words[Math.floor(noise(2, document, place) * words.length)]!
    return `${Array.from({ length }, (_, place) => pick(place)).join(' ')}. Document ${document} ends.`
  })
  const lines = documents.map((text, document) =>
    JSON.stringify({ text, domain: document % 3 === 0 ? 'a' : 'b' }),
  )
  lines.splice(10, 0, '{"text": broken', JSON.stringify({ text: '' }), lines[3]!)
  await writeFile(path, lines.join('\n'))
  return documents
}

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  corpus = join(root, 'corpus.jsonl')
  texts = await writeCorpus(corpus)
  folder = join(root, 'harvest')
  manifest = await harvest(await smallHarvest(folder, corpus), idle)
}, 120_000)
afterAll(() => rm(root, { recursive: true, force: true }))

describe('a harvest', () => {
  test('has as many rows as were asked for, a ledger that adds up, and nothing else in its folder', async () => {
    expect(manifest.ledger.rows).toBe(6_000)
    expect(() => assertAddsUp(manifest.ledger)).not.toThrow()
    const { skipped } = manifest.ledger.documents
    expect(skipped).toMatchObject({ malformed: 1, empty: 1, duplicate: 1 })
    expect(manifest.leftOut.map(({ reason }) => reason)).toEqual(['malformed', 'empty', 'duplicate'])
    expect(manifest.ledger.batches[8]).toBeGreaterThan(10)
    expect((await readdir(folder)).sort()).toEqual(
      ['index.sqlite', 'manifest.json', ...manifest.shards.map(({ name }) => name)].sort(),
    )
    expect(await readHarvest(folder)).toEqual(manifest)
    // one that was deleted has no job that could end or be resumed
    await expect(readHarvest(`${folder}-gone`)).rejects.toMatchObject({
      code: 'harvest/unknown',
      message: expect.stringContaining('it was deleted or moved') as string,
    })
  })

  test('whose ledger does not add up fails', () => {
    const { ledger } = manifest
    expect(() => assertAddsUp({ ...ledger, rows: ledger.rows - 1 })).toThrow(/rows and tokens/)
    const documents = { ...ledger.documents, read: ledger.documents.read + 1 }
    expect(() => assertAddsUp({ ...ledger, documents })).toThrow(/documents read/)
  })

  test('keeps what the model gives, and names the place of every row in its document', async () => {
    const order = await smallHarvest(folder, corpus)
    const harvester = await Harvester.open(order.model.checkpoint, {
      ...{ device: order.device, hook: 'blocks.1.hook_resid_post', positions: 32 },
    })
    const index = HarvestIndex.open(join(folder, 'index.sqlite'))
    for (const id of [0, 7, 100, manifest.ledger.contexts - 1]) {
      const context = index.context(id)!
      const entry = manifest.shards.findLast(({ firstRow }) => firstRow <= context.firstRow)!
      const shard = await ShardReader.open(join(folder, entry.name))
      const rows = await shard.read(context.firstRow - entry.firstRow, context.tokens)
      await shard.close()
      const fresh = await harvester.run(batchOf([rows.token]))
      let [worst, largest] = [0, 0]
      for (const [place, number] of fresh.entries()) {
        worst = Math.max(worst, Math.abs(number - rows.activations[place]!))
        largest = Math.max(largest, Math.abs(number))
      }
      expect(worst / largest).toBeLessThan(1e-3)
      for (let row = 1; row < context.tokens; row++) {
        const sentence = index.sentence(rows.sentence[row]!)!
        const document = index.document(sentence.document)!
        // three lines were put in before the eleventh document
        const number = document.ordinal < 10 ? document.ordinal : document.ordinal - 3
        expect(texts[number]!.slice(sentence.start, sentence.end).length).toBeGreaterThan(0)
        expect(document.split).toBe(rows.split[row] === 0 ? document.split : rows.split[row])
      }
      const [sentence] = [index.sentence(rows.sentence[1]!)!]
      const number = sentence.document < 10 ? sentence.document : sentence.document - 3
      expect(texts[number]).toContain(context.text.slice(1, 8))
    }
    index.close()
    await harvester.close()
  })

  test('is the same whatever the batch, but for the batches', async () => {
    const other = join(await temporaryFolder(), 'harvest')
    const { ledger, shards, calibration } = await harvest(
      await smallHarvest(other, corpus, { batch: 3 }),
      idle,
    )
    expect(calibration).toEqual(manifest.calibration)
    expect({ ...ledger, batches: {} }).toEqual({ ...manifest.ledger, batches: {} })
    expect(Object.keys(ledger.batches)).toContain('3')
    expect(shards.map(({ rows }) => rows)).toEqual(manifest.shards.map(({ rows }) => rows))
    const [one, two] = [dump(join(folder, 'index.sqlite')), dump(join(other, 'index.sqlite'))]
    expect({ ...two, state: null }).toEqual({ ...one, state: null })
  })

  test(`killed ${KILLS} times comes to the same bytes`, { timeout: 100_000 + 20_000 * KILLS }, async () => {
    const entry = fileURLToPath(new URL('harvester.ts', import.meta.url))
    const attempt = async (other: string, killAfter: number) => {
      const child = fork(entry, [other, corpus], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
      const exit = once(child, 'exit')
      // from the first batch on: what comes before is the same each time
      child.once('message', () => setTimeout(() => child.kill('SIGKILL'), killAfter))
      const [code] = (await exit) as [number | null]
      return code === 0
    }
    // one that comes to its end before all are used up is followed by another
    for (let killed = 0, turn = 0; killed < KILLS; turn++) {
      const other = join(await temporaryFolder(), 'harvest')
      while (killed < KILLS && !(await attempt(other, noise(5, 5, killed + turn) * 60))) killed++
      const again = await harvest(await smallHarvest(other, corpus), idle)
      expect(again).toEqual(manifest)
      for (const { name } of manifest.shards) {
        expect((await readFile(join(other, name))).equals(await readFile(join(folder, name)))).toBe(true)
      }
      expect(dump(join(other, 'index.sqlite'))).toEqual(dump(join(folder, 'index.sqlite')))
      expect(await readdir(other)).toEqual(await readdir(folder))
    }
  })

  test('that died after its manifest is what the next attempt finds', async () => {
    const other = join(await temporaryFolder(), 'harvest')
    const order = (changes = {}) => smallHarvest(other, corpus, { tokens: 1_000, ...changes })
    const first = await harvest(await order(), idle)
    await writeFile(join(other, 'begun.json'), '{}')
    expect(await harvest(await order(), idle)).toEqual(first)
    expect(await readdir(other)).not.toContain('begun.json')
    await expect(harvest(await order({ seed: 5 }), idle)).rejects.toMatchObject({ code: 'harvest/other' })
  })

  test('has its thresholds from all of the sample, however the corpus is sorted, by the seed', async () => {
    const place = await temporaryFolder()
    const sorted = join(place, 'sorted.jsonl')
    const halves = ['pain chest', 'señor llegó'].flatMap((text, half) =>
      Array.from({ length: 150 }, (_, document) =>
        JSON.stringify({ text: `${text} ${document} `.repeat(4), domain: `${half}` }),
      ),
    )
    await writeFile(sorted, halves.join('\n'))
    const calibrated = async (name: string, changes: Partial<HarvestConfig>) => {
      const order = await smallHarvest(join(place, name), sorted, {
        ...{ tokens: 3_000, sample: 'equal', frequencyCap: 0.01, ...changes },
      })
      return (await harvest(order, idle)).calibration
    }
    const [one, other] = [await calibrated('a', {}), await calibrated('b', { seed: 1 })]
    const tokenizer = await Tokenizer.open(demoLlama.folder)
    const thinned = tokenizer.decode(Object.keys(one.kept).map(Number), { special: false })
    expect(thinned).toMatch(/pain/)
    expect(thinned).toMatch(/se.*ñ/)
    expect(one.contexts).toBe(8)
    expect(other).not.toEqual(one)
  })

  test.runIf(canMount)(
    'has its room reserved; out of it all the same, it goes on later (needs mount)',
    async () => {
      const disk = await smallDisk('160m')
      const other = join(disk, 'harvest')
      const filler = join(disk, 'filler')
      // others take everything that is free before the first row is written
      const fill = () => {
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(65_536))
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' })
        }
      }
      const order = await smallHarvest(other, corpus)
      let filled = 0
      const reserved = {
        ...idle,
        checkpoint: () => Promise.resolve(filled++ === 0 && fill()).then(() => undefined),
      }
      expect(await harvest(order, reserved)).toEqual(manifest)
      expect((await readdir(other)).filter((name) => name === 'reserve')).toEqual([])
      await rm(other, { recursive: true })
      await rm(filler)
      // and even what was reserved
      const robbed = {
        ...idle,
        onProgress: () => {
          rmSync(join(other, 'reserve'), { force: true })
          fill()
        },
      }
      await expect(harvest(order, robbed)).rejects.toMatchObject({ code: 'disk/full' })
      await rm(filler)
      expect(await harvest(order, idle)).toEqual(manifest)
    },
  )

  test('packs documents behind each other on request', async () => {
    const other = join(await temporaryFolder(), 'harvest')
    const packed = await harvest(
      await smallHarvest(other, corpus, { packing: 'packed', tokens: 3_000 }),
      idle,
    )
    // only the last context may be short
    expect(packed.ledger.contexts).toBe(Math.ceil(3_000 / 32))
    expect(packed.ledger.split.special).toBeGreaterThan(packed.ledger.contexts)
    expect(() => assertAddsUp(packed.ledger)).not.toThrow()
    // where each document lies, by its rows and by the index
    const index = HarvestIndex.open(join(other, 'index.sqlite'))
    const reach = new Map<number, Set<number>>()
    for (const { name } of packed.shards) {
      const shard = await ShardReader.open(join(other, name))
      const { sentence, context } = await shard.read(0, shard.rows)
      await shard.close()
      const sentences = Map.groupBy(sentence.keys(), (row) => context[row]!)
      for (const [id, its] of sentences) {
        const found = index.sentencesOfContext(id).map((one) => one.id)
        expect(found[0]).toBe(sentence[its[0]!])
        expect(found).toEqual(expect.arrayContaining([...new Set(its.map((row) => sentence[row]!))]))
      }
      for (const [row, id] of sentence.entries()) {
        const { document } = index.sentence(id)!
        reach.set(document, (reach.get(document) ?? new Set()).add(context[row]!))
      }
    }
    expect(reach.size).toBe(packed.ledger.documents.used)
    const last = Math.max(...reach.keys())
    for (const [ordinal, contexts] of reach) {
      // the last is cut where there are tokens enough
      if (ordinal === last) continue
      const ends = { first: Math.min(...contexts), last: Math.max(...contexts) }
      expect(index.contextsOfDocument(ordinal)).toEqual(ends)
    }
    index.close()
  })

  test('of a corpus without text, or begun otherwise, is refused in words', async () => {
    const place = await temporaryFolder()
    const empty = join(place, 'empty.jsonl')
    await writeFile(empty, '{"text": ""}\n')
    await expect(harvest(await smallHarvest(join(place, 'a'), empty), idle)).rejects.toMatchObject({
      code: 'corpus/empty',
    })
    const order = await smallHarvest(join(place, 'b'), corpus)
    const stopping = {
      ...idle,
      onProgress: () => {
        throw new Error('stopped')
      },
    }
    await expect(harvest(order, stopping)).rejects.toThrow('stopped')
    const other = await smallHarvest(join(place, 'b'), corpus, { seed: 7 })
    await expect(harvest(other, idle)).rejects.toMatchObject({ code: 'harvest/other' })
    const long = await smallHarvest(join(place, 'c'), corpus, { contextLength: 600 })
    await expect(harvest(long, idle)).rejects.toMatchObject({ code: 'harvest/context' })
  })
})

describe('verifying', () => {
  const verify = async (of: string, found: HarvestManifest) => {
    const { device, model } = await smallHarvest(of, corpus)
    return verifyHarvest({
      ...{ folder: of, manifest: found, device, checkpoint: model.checkpoint },
      onProgress: () => Promise.resolve(),
    })
  }

  test('passes what was harvested, and finds a changed byte, a wrong count and another model', async () => {
    const { rows, recomputed, maxRelDifference } = await verify(folder, manifest)
    expect(rows).toBe(6_000)
    expect(recomputed).toBeGreaterThan(100)
    expect(maxRelDifference).toBeLessThan(1e-3)
    const fewer = { ...manifest.ledger, contexts: manifest.ledger.contexts - 1 }
    await expect(verify(folder, { ...manifest, ledger: fewer })).rejects.toThrow(/contexts/)
    const { hook } = { hook: 'blocks.2.hook_resid_post' }
    await expect(verify(folder, { ...manifest, model: { ...manifest.model, hook } })).rejects.toThrow(/hook/)
    const file = await open(join(folder, manifest.shards[1]!.name), 'r+')
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, 5_000)
    await file.write(Buffer.from([byte[0]! ^ 0x40]), 0, 1, 5_000)
    await expect(verify(folder, manifest)).rejects.toThrow(/SHA-256/)
    await file.write(byte, 0, 1, 5_000)
    await file.close()
  })
})

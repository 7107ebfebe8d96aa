// A harvest without model and text: rows that are sparse sums of hidden directions, as dictionaries are meant to find them.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShardRows } from '../../src/main/activations/shard.ts'
import { ShardWriter } from '../../src/main/activations/shard-writer.ts'
import { type HarvestManifest, harvestConfigSchema } from '../../src/shared/harvest.ts'
import { generator } from './shards.ts'

interface Size {
  /** D */
  readonly width?: number
  readonly rows?: number
  /** Of a shard. */
  readonly shardRows?: number
  /** Rows of ten that validate, and that are left out. */
  readonly validation?: number
  readonly leftOut?: number
  /** How many times as strong features are in rows with `strongTokens`: one in ten. */
  readonly strength?: number
  /** Of the hidden directions: so many are in rows with `strongTokens` alone, which have no others. */
  readonly apart?: number
}

/** Tokens whose rows may be stronger than others. */
export const strongTokens: ReadonlySet<number> = new Set(Array.from({ length: 10 }, (_, token) => token))

/** Number of hidden directions. */
const DIRECTIONS = 48

/** Rows know their number: `context` of each row is its place in the whole harvest. */
export async function smallHarvest(
  folder: string,
  {
    width = 16,
    rows = 4000,
    shardRows = 1500,
    validation = 1,
    leftOut = 1,
    strength = 1,
    apart = 0,
  }: Size = {},
): Promise<HarvestManifest> {
  await mkdir(folder, { recursive: true })
  const random = generator(7)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const atoms = Array.from({ length: DIRECTIONS * width }, () => normal() / Math.sqrt(width))
  const center = Array.from({ length: width }, () => normal())
  const splitOf = (row: number) => (row % 10 < leftOut ? 0 : row % 10 < leftOut + validation ? 2 : 1)
  const shards: HarvestManifest['shards'] = []
  for (let first = 0; first < rows; first += shardRows) {
    const count = Math.min(shardRows, rows - first)
    const numbers = Array.from({ length: count }, (_, at) => first + at)
    const activations = numbers.flatMap((number) => {
      const row = [...center]
      const strong = strongTokens.has(number % 100)
      const factor = strong ? strength : 1
      const [from, to] = strong && apart > 0 ? [0, apart] : [apart, DIRECTIONS]
      for (let active = 0; active < 4; active++) {
        const atom = from + Math.floor(random() * (to - from))
        const amount = factor * (2 + 3 * random())
        for (let d = 0; d < width; d++) row[d]! += amount * atoms[atom * width + d]!
      }
      return row
    })
    const part: ShardRows = {
      context: Uint32Array.from(numbers),
      position: Uint16Array.from(numbers, () => 1),
      token: Int32Array.from(numbers, (row) => row % 100),
      sentence: Uint32Array.from(numbers),
      split: Uint8Array.from(numbers, splitOf),
      activations: Float32Array.from(activations),
    }
    const name = `shard-${String(shards.length).padStart(5, '0')}.arrow`
    const writer = await ShardWriter.create(join(folder, name), { width, encoding: 'float16', metadata: {} })
    await writer.write(part)
    const { bytes, sha256 } = await writer.commit()
    shards.push({ name, firstRow: first, rows: count, bytes, sha256 })
  }
  const count = (split: number) =>
    Array.from({ length: rows }, (_, row) => splitOf(row)).filter((one) => one === split).length
  const manifest: HarvestManifest = {
    ...{ format: 1, kind: 'harvest', shards, overflowed: 0, error: null, leftOut: [] },
    config: harvestConfigSchema.parse({ model: 'tiny', corpus: '/corpus', layer: 1 }),
    model: {
      name: 'tiny',
      hash: 'a'.repeat(64),
      hook: 'blocks.1.hook_resid_post',
      width,
      precision: 'float32',
    },
    calibration: { contexts: 1, tokens: rows, medianNorm: 1, sinkNorm: 10, kept: {} },
    ledger: {
      ...{ documents: { read: 1, used: 1, skipped: {} }, replaced: 0, contexts: 1, tokens: rows, rows },
      ...{ strata: {}, batches: {} },
      split: { train: count(1), validation: count(2), special: count(0), sink: 0, frequent: 0 },
    },
    norms: { mean: 1, histogram: [] },
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
  return manifest
}

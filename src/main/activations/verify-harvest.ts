// Whether a harvest is what its manifest says: every shard and count, the index, and a sample computed again.
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import type { UsableDevice } from '../../shared/devices.ts'
import { batchOf } from '../llama/batch.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { Harvester } from '../llama/harvester.ts'
import { hookOf } from '../llama/hook.ts'
import { noise } from '../llama/noise.ts'
import { sha256Of } from '../store/file-hash.ts'
import { INDEX } from './harvest-folder.ts'
import { HarvestIndex } from './harvest-index.ts'
import { assertAddsUp } from './harvest-ledger.ts'
import { homeOf } from './shard-place.ts'
import { withShard } from './shard-reader.ts'
import type { ShardRows } from './shard.ts'

export interface VerifyOptions {
  readonly folder: string
  readonly manifest: HarvestManifest
  readonly checkpoint: Checkpoint
  readonly device: UsableDevice
  /** Called between pieces of work; throws when it should stop. */
  onProgress(done: number, total: number): Promise<void>
}

export interface Verified {
  readonly rows: number
  /** Largest difference of a row that was computed again, divided by the row's largest number. */
  readonly maxRelDifference: number
  readonly maxAbsDifference: number
  /** Rows computed again. */
  readonly recomputed: number
}

const SAMPLE = 16
/** Of a row's largest number; a byte has steps of a 127th of it, which round by half. */
const TOLERANCE = { float16: 2e-3, int8: 2e-3 + 0.5 / 127 }

/** Throws `verify/…` at the first thing that is wrong, and says where. */
export async function verifyHarvest(options: VerifyOptions): Promise<Verified> {
  const { folder, manifest, onProgress } = options
  const { shards, ledger } = manifest
  assertAddsUp(ledger)
  const total = shards.length + 1
  const index = HarvestIndex.open(join(folder, INDEX))
  try {
    const counts = index.counts()
    same('contexts of the index', counts.contexts, ledger.contexts)
    same('rows of the index', counts.rows, ledger.rows)
    same('documents of the index', counts.documents, ledger.documents.used)
    const seen = { train: 0, validation: 0, leftOut: 0 }
    let rows = 0
    for (const [number, entry] of shards.entries()) {
      await onProgress(number, total)
      const path = join(folder, entry.name)
      same(`first row of ${entry.name}`, entry.firstRow, rows)
      if ((await sha256Of(path)) !== entry.sha256) {
        throw wrong(`${path} is not the file that was written: its SHA-256 differs.`)
      }
      await withShard(path, async (shard) => {
        same(`rows of ${entry.name}`, shard.rows, entry.rows)
        const { width, metadata } = shard.format
        if (width !== manifest.model.width || metadata.hook !== manifest.model.hook) {
          throw wrong(`${path} belongs to another hook or model.`)
        }
        for await (const batch of shard.batches()) {
          checkBatch(batch, rows, index, entry.name)
          for (const split of batch.split) {
            seen[split === 0 ? 'leftOut' : split === 1 ? 'train' : 'validation']++
          }
          rows += batch.context.length
        }
      })
    }
    const { train, validation, special, sink, frequent } = ledger.split
    same('rows that train', seen.train, train)
    same('rows that validate', seen.validation, validation)
    same('rows that are left out', seen.leftOut, special + sink + frequent)
    await onProgress(shards.length, total)
    const again = await recompute(options, index)
    await onProgress(total, total)
    return { rows, ...again }
  } finally {
    index.close()
  }
}

function checkBatch(
  { context, position, split, activations }: ShardRows,
  firstRow: number,
  index: HarvestIndex,
  name: string,
): void {
  if (!activations.every(Number.isFinite)) throw wrong(`${name} holds numbers that are none.`)
  if (split.some((code) => code > 2)) throw wrong(`${name} holds a split that does not exist.`)
  for (let row = 0; row < context.length; row++) {
    // the first row of each context says where all of it lies
    if (position[row] !== 0) continue
    const found = index.context(context[row]!)
    if (found?.firstRow !== firstRow + row) {
      throw wrong(
        `The index says that context ${context[row]} begins at row ${found?.firstRow}, and it is ${firstRow + row}.`,
      )
    }
  }
}

/** Runs the model again over some contexts, chosen by the harvest's seed. */
async function recompute(
  { folder, manifest, checkpoint, device }: VerifyOptions,
  index: HarvestIndex,
): Promise<Omit<Verified, 'rows'>> {
  const { model, config, ledger, shards } = manifest
  const hook = hookOf(model.hook, checkpoint.config)
  const harvester = await Harvester.open(checkpoint, { device, hook, positions: config.contextLength })
  const tolerance = TOLERANCE[config.encoding]
  let [maxAbsDifference, maxRelDifference, recomputed] = [0, 0, 0]
  try {
    for (let turn = 0; turn < Math.min(SAMPLE, ledger.contexts); turn++) {
      const id = Math.floor(noise(config.seed, 3, turn) * ledger.contexts)
      const context = index.context(id)
      if (!context) throw wrong(`The index has no context ${id}.`)
      const { name, firstRow } = homeOf(shards, context.firstRow)
      const stored = await withShard(join(folder, name), (shard) =>
        shard.read(context.firstRow - firstRow, context.tokens),
      )
      const fresh = await harvester.run(batchOf([stored.token]))
      for (let row = 0; row < context.tokens; row++) {
        const [from, to] = [row * model.width, (row + 1) * model.width]
        const [is, must] = [stored.activations.subarray(from, to), fresh.subarray(from, to)]
        let [worst, largest] = [0, 0]
        for (const [column, number] of must.entries()) {
          worst = Math.max(worst, Math.abs(number - is[column]!))
          largest = Math.max(largest, Math.abs(number))
        }
        maxAbsDifference = Math.max(maxAbsDifference, worst)
        maxRelDifference = Math.max(maxRelDifference, worst / largest)
        recomputed++
        if (worst <= tolerance * largest) continue
        throw wrong(
          `Row ${context.firstRow + row} (context ${id}) differs from what the model gives now by ${worst}, ` +
            `more than ${tolerance} of its largest number, ${largest}.`,
        )
      }
    }
  } finally {
    await harvester.close()
  }
  return { maxAbsDifference, maxRelDifference, recomputed }
}

function same(what: string, is: number, must: number): void {
  if (is !== must) throw wrong(`The ${what} are ${is}, and the manifest says ${must}.`)
}

function wrong(what: string) {
  return expected(
    'verify/wrong',
    what,
    'The harvest is damaged or was changed: harvest again, or use a copy that is whole.',
  )
}

// A harvest from beginning to end: text, model and disk work at the same time, and any interruption can be continued.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { HarvestConfig, HarvestManifest } from '../../shared/harvest.ts'
import { precisionOn } from '../llama/precision.ts'
import { writeFileAtomic } from '../store/atomic.ts'
import { entryUrl } from '../store/entry.ts'
import { SpaceReserve } from '../store/reserve.ts'
import { Thread } from '../store/thread-calls.ts'
import { type Begun, readBegun, readFinished } from './begun.ts'
import type { Chunk, CorpusPosition } from './chunk.ts'
import { hookFor } from './harvest-cost.ts'
import { BEGUN, MANIFEST } from './harvest-folder.ts'
import type { HarvestOrder, HarvestWork } from './harvest-order.ts'
import { noProgress } from './harvest-progress.ts'
import { HarvestRun } from './harvest-run.ts'
import { assertAddsUp, ledgerOf } from './harvest-ledger.ts'
import { meanNorm } from './norm-histogram.ts'
import { calibrationContexts } from './measured-calibration.ts'
import { laneCount } from './lanes.ts'
import { openRowMaker } from './row-maker.ts'
import { type TextOrder, textOrderOf } from './text-order.ts'
import type { textCalls } from './text-worker.ts'
import type { writerCalls } from './writer-worker.ts'

/** Rows of a shard: enough that its file is not small, few enough that little is lost by an interruption. */
const SHARD_ROWS = 32_768
const PLAN = 'plan.sqlite'
const CACHE = 'corpus-cache'
const RESERVE = 'reserve'

/** Files of a harvest under way, which its manifest takes the place of. */
const passing = [BEGUN, PLAN, `${PLAN}-wal`, `${PLAN}-shm`, CACHE, RESERVE]

/**
 * Throws `harvest/other` when the folder holds one of another model or configuration, `harvest/empty`, `ledger/wrong`,
 * and what corpus, model and disk throw.
 */
export async function harvest(order: HarvestOrder, work: HarvestWork): Promise<HarvestManifest> {
  const { folder, config, model, device } = order
  const { checkpoint } = model
  await mkdir(folder, { recursive: true })
  const hook = hookFor(config, checkpoint.config)
  const finished = await readFinished(folder, config, model.hash)
  if (finished) {
    await clear(folder)
    return finished
  }
  const begun = await readBegun(folder, config, model.hash)
  const reserve = await SpaceReserve.open(join(folder, RESERVE))
  const opening = openRowMaker(
    checkpoint,
    {
      ...{ device, hook, positions: config.contextLength },
      // bytes are made of the exact numbers
      output: config.encoding === 'float16' ? 'float16' : 'float32',
    },
    laneCount(checkpoint.config, { layer: config.layer, device, precision: precisionOn(device) }),
  )
  // the text is read meanwhile
  opening.catch(() => undefined)
  const text = new Thread<typeof textCalls>(entryUrl('activations/text-worker', import.meta.url))
  const writer = new Thread<typeof writerCalls>(entryUrl('activations/writer-worker', import.meta.url))
  try {
    const run = new HarvestRun(order, work, { model: opening, writer, reserve })
    const open = ({ calibration, special }: Begun) =>
      writer.call('open', [
        {
          folder,
          format: {
            ...{ width: checkpoint.config.width, encoding: config.encoding },
            metadata: { model: model.hash, hook },
          },
          rule: {
            ...{ seed: config.seed, validationShare: config.validationShare, calibration },
            special: new Set(special),
          },
        },
      ])
    let { progress, fixed } = begun
      ? { progress: await open(begun), fixed: begun }
      : { progress: noProgress, fixed: null }
    run.begin(progress.rows)
    await run.reserve({ logs: true })
    const { special } = await text.call('open', [textOrder(order, progress.position)])
    if (!fixed) {
      const sample = await text.call('calibration', [calibrationContexts(config), config.seed])
      const calibration = await run.calibrate(sample, new Set(special))
      fixed = { ...{ config, special, calibration }, hash: model.hash }
      // what is written from now on takes its room
      await run.reserve({ logs: false })
      await writeFileAtomic(join(folder, BEGUN), JSON.stringify(fixed))
      await open(fixed)
    }
    let coming = next(text)
    const nextChunk = () => run.watch.time('waitingForText', () => coming)
    for (let chunk = await nextChunk(); chunk; chunk = await nextChunk()) {
      coming = next(text)
      await run.chunk(chunk)
    }
    progress = (await run.committed()) ?? progress
    if (progress.rows === 0) throw nothingToRead(config)
    await reserve.release()
    await writer.call('finish', [])
    const ledger = ledgerOf(progress)
    assertAddsUp(ledger)
    const manifest: HarvestManifest = {
      ...{ format: 1, kind: 'harvest', config, ledger },
      model: {
        ...{ name: model.name, hash: model.hash, hook },
        ...{ width: checkpoint.config.width, precision: precisionOn(device) },
      },
      calibration: fixed.calibration,
      shards: [...progress.shards],
      norms: {
        mean: meanNorm(progress.norms),
        histogram: progress.norms.rows.map((row) => [...row]),
      },
      ...{ overflowed: progress.overflowed, error: progress.error, leftOut: [...progress.leftOut] },
    }
    await writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`)
    await clear(folder)
    const { busy } = await opening
    work.onTimes?.(run.watch.times({ model: busy, text: text.busy, writer: writer.busy }))
    return manifest
  } finally {
    const closing = opening.then((model) => model.close()).catch(() => undefined)
    await Promise.all([text.end(), writer.end(), closing])
    // whoever stops for long does not keep others from the room; who goes on asks for it again
    await reserve.release()
  }
}

/** Removes what a harvest needs while it is under way. */
async function clear(folder: string): Promise<void> {
  for (const name of passing) await rm(join(folder, name), { recursive: true, force: true })
}

/** Asked for while the chunk before is worked on; a failure is told when its turn comes. */
function next(text: Thread<typeof textCalls>): Promise<Chunk | null> {
  const chunk = text.call('next', [])
  chunk.catch(() => undefined)
  return chunk
}

function textOrder(
  { folder, config, model, hub, shardRows = SHARD_ROWS }: HarvestOrder,
  position: CorpusPosition,
): TextOrder {
  return textOrderOf(config, {
    ...{ checkpoint: model.checkpoint.folder, hub, position },
    ...{ plan: join(folder, PLAN), cache: join(folder, CACHE) },
    contexts: Math.max(1, Math.floor(shardRows / config.contextLength)),
  })
}

function nothingToRead({ corpus }: HarvestConfig) {
  return expected(
    'harvest/empty',
    `There is nothing to read in ${corpus}: no document of the sample has text.`,
    'Look at the preview of the corpus, and at which documents the sample takes.',
  )
}

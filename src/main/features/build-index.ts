// Builds an index of features in a folder of its own, pass after pass; killed at any moment, another attempt goes on.
// Letters: F features, D width of the model.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { indexManifestSchema, type IndexManifest } from '../../shared/features.ts'
import { INDEX } from '../activations/harvest-folder.ts'
import { HarvestIndex } from '../activations/harvest-index.ts'
import { openEncoder } from '../sae/parted-encoder.ts'
import { removeUnfinished, writeFileAtomic } from '../store/atomic.ts'
import { folderBytes, removeFolder } from '../store/folder.ts'
import { explained } from '../store/io-error.ts'
import { lockFile } from '../store/lock.ts'
import { SpaceReserve } from '../store/reserve.ts'
import { writeChecksums } from './checksums.ts'
import { encodeShards } from './encode-shards.ts'
import { FeatureWriter } from './feature-writer.ts'
import { BEGUN, DATABASE, INDEX_FORMAT, LOCK, MANIFEST, RESERVE } from './index-folder.ts'
import { writeTable } from './feature-columns.ts'
import { describeParts, partsBy } from './group-parts.ts'
import { Groups } from './groups.ts'
import type { IndexOrder, IndexWork } from './index-order.ts'
import { indexSize } from './index-size.ts'
import { passes } from './index-passes.ts'
import { survey, type Survey } from './survey.ts'

/** Throws `features/busy` where another process builds in that folder, `disk/…` and what reading throws. */
export async function buildIndex(order: IndexOrder, work: IndexWork): Promise<IndexManifest> {
  const { folder } = order
  await mkdir(folder, { recursive: true })
  const lock = lockFile(join(folder, LOCK))
  if (!lock) {
    throw expected(
      'features/busy',
      'This index is being built by another job.',
      'Let it end, or cancel it first.',
    )
  }
  try {
    return (await begin(order)) ?? (await build(order, work))
  } finally {
    lock.release()
  }
}

/** What an earlier attempt left of the same is gone on with, and was it done, that is it; anything else is removed. */
async function begin({ folder, saeHash, harvest, share, model }: IndexOrder): Promise<IndexManifest | null> {
  const shards = createHash('sha256')
  for (const { sha256 } of harvest.manifest.shards) shards.update(sha256)
  const wanted = JSON.stringify({
    ...{ format: INDEX_FORMAT, sae: saeHash, shards: shards.digest('hex'), share, model: model !== null },
  })
  const found = await readFile(join(folder, BEGUN), 'utf8').catch(() => null)
  if (found === wanted) {
    await removeUnfinished(folder)
    const done = await readFile(join(folder, MANIFEST), 'utf8').catch(() => null)
    return done === null ? null : indexManifestSchema.parse(JSON.parse(done))
  }
  for (const name of await readdir(folder)) {
    if (!name.startsWith(LOCK)) await rm(join(folder, name), { recursive: true, force: true })
  }
  await writeFileAtomic(join(folder, BEGUN), wanted)
  return null
}

/** Puts a finished index into its place, where an older one goes; then the files of its making go, too. Throws `disk/…`. */
export async function placeIndex(work: string, path: string): Promise<void> {
  await removeFolder(path)
  await explained(path, () => rename(work, path))
  for (const name of [BEGUN, LOCK, `${LOCK}-journal`]) await rm(join(path, name), { force: true })
}

async function build(order: IndexOrder, work: IndexWork): Promise<IndexManifest> {
  const { folder, sae, harvest, model, device, share, limits } = order
  const { manifest } = harvest
  const index = HarvestIndex.open(join(harvest.folder, INDEX))
  const reserve = await SpaceReserve.open(join(folder, RESERVE))
  /** Keeps room for what is still to come, of an index with so many codes a row. */
  const hold = async (l0: number) => {
    const { kept, meanwhile } = indexSize({ rows: manifest.ledger.rows * share, l0, F: sae.F })
    const written = (await folderBytes(folder)) - reserve.held
    await reserve.hold(Math.max(0, kept + meanwhile - written))
  }
  try {
    await hold(order.l0)
    // its memory is for what comes after
    const encoder = await openEncoder(sae, device, limits?.part)
    try {
      await encodeShards({
        ...{ source: harvest.folder, manifest, index, folder, encoder, share },
        special: model && new Set(model.tokenizer.specialIds),
        metadata: { sae: order.saeHash, hook: manifest.model.hook, model: manifest.model.hash },
        onRows: async (done) => {
          work.onProgress('Encoding', done, manifest.ledger.rows)
          await work.checkpoint()
        },
        onShard: () => hold(order.l0),
      })
    } finally {
      await encoder.close()
    }
    const groups = new Groups(index).all
    const shards = manifest.shards.length
    const counted = await survey({
      ...{ folder, shards, F: sae.F, groups: groups.length },
      onShard: async (done) => {
        work.onProgress('Counting', done, shards)
        await work.checkpoint()
      },
    })
    await hold(counted.codes / Math.max(1, manifest.ledger.rows * share))
    const writer = new FeatureWriter(join(folder, DATABASE))
    try {
      const aligned = await passes(order, { writer, index, groups, survey: counted, work })
      writer.finish()
      await writeTable(folder, groups, counted)
      await writeChecksums(folder, async (done, total) => {
        work.onProgress('Checksums', done, total)
        await work.checkpoint()
      })
      const described = describedIndex(order, groups, counted, aligned)
      await reserve.release()
      await writeFileAtomic(join(folder, MANIFEST), `${JSON.stringify(described, undefined, 2)}\n`)
      return described
    } finally {
      writer.close()
    }
  } finally {
    index.close()
    await reserve.release()
  }
}

function describedIndex(
  { sae, saeId, saeHash, harvest, share, model: spelling, noModel }: IndexOrder,
  groups: Groups['all'],
  counted: Survey,
  { aligned, alignedWhy }: Pick<IndexManifest, 'aligned' | 'alignedWhy'>,
): IndexManifest {
  const { model, ledger } = harvest.manifest
  const ofSplit = (validates: boolean) =>
    groups.reduce((sum, group, at) => sum + (group.validates === validates ? counted.rowsByGroup[at]! : 0), 0)
  return indexManifestSchema.parse({
    ...{ format: INDEX_FORMAT, kind: 'feature-index' },
    sae: { id: saeId, architecture: sae.architecture, hash: saeHash, features: sae.F, width: sae.D },
    model: { name: model.name, hash: model.hash, hook: model.hook },
    harvest: { id: harvest.id, path: harvest.folder, rows: ledger.rows, contexts: ledger.contexts },
    rows: counted.rows + counted.special + counted.sinks,
    ...{ special: counted.special, sinks: counted.sinks, contexts: counted.contexts, share },
    codes: counted.codes,
    alive: counted.firings.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0),
    l0: counted.codes / Math.max(1, counted.rows),
    strata: describeParts(partsBy(groups, 'stratum'), counted),
    languages: describeParts(partsBy(groups, 'language'), counted),
    groups,
    splits: { train: ofSplit(false), validation: ofSplit(true) },
    positions: counted.rowsByPosition,
    ...{ aligned, alignedWhy, logitsWhy: noModel },
    beginsWithSpace: spelling?.tokenizer.beginsWithSpace ?? false,
  })
}

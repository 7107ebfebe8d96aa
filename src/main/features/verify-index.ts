// Whether an index of features is what its manifest says: files, counts, its rows beside the harvest's, and a sample encoded again.
import { join } from 'node:path'
import type { IndexManifest } from '../../shared/features.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import { INDEX } from '../activations/harvest-folder.ts'
import { HarvestIndex } from '../activations/harvest-index.ts'
import { ShardReader } from '../activations/shard-reader.ts'
import { ArrowFile } from '../store/arrow-file.ts'
import { checkFiles } from './checksums.ts'
import { type CodePiece, CodesFile } from './codes.ts'
import { type EncodeAgainOptions, type EncodedAgain, encodeAgain } from './encode-again.ts'
import { takes } from './encode-shards.ts'
import { FeatureIndex } from './feature-index.ts'
import { firingsFile } from './index-folder.ts'
import { Groups } from './groups.ts'
import { wrong } from './index-wrong.ts'
import { type FiredSums, Recount, sumsOf } from './recount.ts'

export interface VerifyIndexOptions extends Omit<EncodeAgainOptions, 'onProgress'> {
  /** Of the index. */
  readonly folder: string
  /** SHA-256 of the SAE's weights. */
  readonly saeHash: string
  /** Called between pieces of work; throws when it should stop. */
  onProgress(step: VerifyIndexStep, done: number, total: number): Promise<void>
}
/** The steps as progress names them, in order, each with its unit. */
export const verifyIndexSteps = { Checksums: 'files', Counting: 'shards', Encoding: 'contexts' } as const
export type VerifyIndexStep = keyof typeof verifyIndexSteps

export interface VerifiedIndex extends EncodedAgain {
  readonly rows: number
  readonly codes: number
  /** Files whose checksum is right; null where the index was made before there were any. */
  readonly checksums: number | null
}

/** Throws `verify/wrong` at the first thing that is wrong, and says where; and what opening its files throws. */
export async function verifyIndex(options: VerifyIndexOptions): Promise<VerifiedIndex> {
  const { folder, saeHash, harvest, onProgress } = options
  const index = await FeatureIndex.open(folder)
  try {
    const { manifest } = index
    if (manifest.sae.hash !== saeHash) {
      throw wrong('The weights of the SAE are not those that were indexed.')
    }
    const { rows, contexts } = harvest.manifest.ledger
    same('rows of the harvest', rows, manifest.harvest.rows)
    same('contexts of the harvest', contexts, manifest.harvest.contexts)
    const files = await checkFiles(folder, (done, total) => onProgress('Checksums', done, total))
    if (files.wrong !== null) {
      throw wrong(`${join(folder, files.wrong)} is not the file that was written: its SHA-256 differs.`)
    }
    const counted = await recount(index, options)
    assertCounts(manifest, counted)
    assertDatabase(index)
    await assertFeatures(index, counted)
    const again = await encodeAgain(index, options)
    return { rows: manifest.rows, codes: manifest.codes, checksums: files.files, ...again }
  } finally {
    await index.close()
  }
}

/** All codes, beside the rows of the harvest that they were made of. */
async function recount(index: FeatureIndex, options: VerifyIndexOptions): Promise<Recount> {
  const { folder, harvest, onProgress } = options
  const { shards } = harvest.manifest
  const counted = new Recount(index.features)
  const rowsIndex = HarvestIndex.open(join(harvest.folder, INDEX))
  try {
    const groups = new Groups(rowsIndex)
    for (const [number, { name }] of shards.entries()) {
      await onProgress('Counting', number, shards.length)
      const [codes, shard] = [
        await CodesFile.open(folder, number),
        await ShardReader.open(join(harvest.folder, name)),
      ]
      try {
        const rows = await takenRows(shard, index.manifest, harvest.manifest)
        same(`rows of shard ${number}`, codes.rows, rows.context.length)
        for await (const piece of codes.pieces()) {
          assertRows(piece, rows, groups)
          assertPlaces(index, piece)
          const problem = counted.add(piece)
          if (problem !== null) throw wrong(`In shard ${number} ${problem}.`)
        }
      } finally {
        await Promise.all([codes.close(), shard.close()])
      }
    }
    await onProgress('Counting', shards.length, shards.length)
    return counted
  } finally {
    rowsIndex.close()
  }
}

type TakenRows = Awaited<ReturnType<ShardReader['places']>>

/** Without their activations, those of the contexts that were indexed. */
async function takenRows(
  shard: ShardReader,
  { share }: IndexManifest,
  { config }: HarvestManifest,
): Promise<TakenRows> {
  const all = await shard.places(0, shard.rows)
  if (share >= 1) return all
  const taken = all.context.map((context) => (takes(config.seed, context, share) ? 1 : 0))
  const chosen = (_value: number, row: number) => taken[row] === 1
  return {
    ...{ context: all.context.filter(chosen), position: all.position.filter(chosen) },
    ...{ token: all.token.filter(chosen), sentence: all.sentence.filter(chosen) },
    split: all.split.filter(chosen),
  }
}

function assertRows({ firstRow, ...piece }: CodePiece, rows: TakenRows, groups: Groups): void {
  for (let at = 0; at < piece.context.length; at++) {
    const row = firstRow + at
    const fits =
      piece.context[at] === rows.context[row] &&
      piece.position[at] === rows.position[row] &&
      piece.token[at] === rows.token[row]
    if (!fits) {
      throw wrong(
        `Token ${piece.position[at]} of context ${piece.context[at]} is not the harvest’s token ` +
          `${rows.position[row]} of context ${rows.context[row]}.`,
      )
    }
    if (piece.group[at] !== groups.ofSentence(rows.sentence[row]!)) {
      throw wrong(`A row of context ${piece.context[at]} is counted to other documents than its own.`)
    }
    if (piece.kind[at] !== 0 && rows.split[row] !== 0) {
      throw wrong(`A row of context ${piece.context[at]} is left out, and the harvest does not leave it out.`)
    }
  }
}

/** What contexts.arrow says of the contexts of a piece. */
function assertPlaces(index: FeatureIndex, piece: CodePiece): void {
  const { contexts } = index
  let from = 0
  for (let row = 1; row <= piece.context.length; row++) {
    if (row < piece.context.length && piece.context[row] === piece.context[from]) continue
    const context = piece.context[from]!
    const place = index.placeOf(context)
    const fits =
      place >= 0 &&
      contexts.shard[place] === piece.shard &&
      contexts.row[place] === piece.firstRow + from &&
      contexts.tokens[place] === row - from &&
      contexts.first[place] === piece.firstCode + piece.starts[from]! &&
      contexts.codes[place] === piece.starts[row]! - piece.starts[from]!
    if (!fits) throw wrong(`contexts.arrow says that context ${context} lies elsewhere than it does.`)
    from = row
  }
}

function assertCounts(manifest: IndexManifest, counted: Recount): void {
  same('rows of the index', counted.rows + counted.special + counted.sinks, manifest.rows)
  same('special tokens', counted.special, manifest.special)
  same('attention sinks', counted.sinks, manifest.sinks)
  same('contexts of the index', counted.contexts, manifest.contexts)
  same('codes', counted.codes, manifest.codes)
  same('features that fire', counted.alive, manifest.alive)
}

function assertDatabase({ db, columns, features }: FeatureIndex): void {
  const found = db.pragma('quick_check', { simple: true })
  if (found !== 'ok') throw wrong(`The database is damaged: ${String(found)}.`)
  const rows = db
    .prepare<[], { id: number; firings: number; contexts: number; max: number }>(
      'SELECT id, firings, contexts, max FROM feature ORDER BY id',
    )
    .all()
  same('features of the database', rows.length, features)
  for (const [at, { id, firings, contexts, max }] of rows.entries()) {
    const fits = id === at && columns.firings[at] === firings && columns.contexts[at] === contexts
    if (!fits || columns.max[at] !== max)
      throw wrong(`The database and the table say different things of feature ${at}.`)
  }
}

/** The table, and the contexts in which each feature fires. */
async function assertFeatures({ folder, columns, features }: FeatureIndex, counted: Recount): Promise<void> {
  let [open, bucket] = [null as ArrowFile | null, -1]
  try {
    for (let feature = 0; feature < features; feature++) {
      same(`firings of feature ${feature}`, columns.firings[feature]!, counted.firings[feature]!)
      const must = counted.of(feature)
      same(`contexts of feature ${feature}`, columns.contexts[feature]!, must.contexts)
      same(`maximum of feature ${feature}`, columns.max[feature]!, must.max)
      if (must.contexts === 0) continue
      if (!open || columns.bucket[feature] !== bucket) {
        await open?.close()
        bucket = columns.bucket[feature]!
        open = await ArrowFile.open(join(folder, firingsFile(bucket)))
      }
      const read = (name: string) => open!.readNow(name, columns.first[feature]!, must.contexts)
      const is = sumsOf({
        context: read('context'),
        position: read('position'),
        value: read('value'),
      } as never)
      const fits = is && (Object.keys(must) as (keyof FiredSums)[]).every((key) => near(is[key], must[key]))
      if (!fits) throw wrong(`The contexts in which feature ${feature} fires are not those of its codes.`)
    }
  } finally {
    await open?.close()
  }
}

/** Sums of the same numbers, which may have been added in another order. */
function near(is: number, must: number): boolean {
  return Math.abs(is - must) <= 1e-9 * Math.abs(must)
}

function same(what: string, is: number, must: number): void {
  if (is !== must) throw wrong(`The ${what} are ${is}, and should be ${must}.`)
}

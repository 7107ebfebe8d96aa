// The table of all features, made of the finished database.
// Letters: F features, S strata, L languages.
import { join } from 'node:path'
import { bitsOf, type Flagged } from '../../shared/feature-flags.ts'
import { HISTOGRAM_BINS, SPARK_BINS } from '../../shared/features.ts'
import type { Column } from '../store/arrow-columns.ts'
import { ArrowWriter } from '../store/arrow-writer.ts'
import { openForReading } from '../store/database.ts'
import { readWhole } from './blobs.ts'
import { DATABASE, TABLE } from './index-folder.ts'
import type { Group } from './groups.ts'
import { type Parts, partsBy, summed } from './group-parts.ts'
import type { Survey } from './survey.ts'

interface TableRow {
  readonly id: number
  readonly firings: number
  readonly contexts: number
  readonly bucket: number
  readonly first: number
  readonly max: number
  readonly mean: number
  readonly token: number
  readonly flags: string
  readonly histogram: Uint8Array
  readonly by_group: Uint8Array
  readonly decoder_norm: number
}

/** Features that are written at once. */
const AT_ONCE = 4_096

/** Writes features.arrow from the database. Throws `disk/…`. */
export async function writeTable(folder: string, groups: readonly Group[], survey: Survey): Promise<void> {
  const [strata, languages] = [partsBy(groups, 'stratum'), partsBy(groups, 'language')]
  const [rowsOf, rowsIn] = [summed(survey.rowsByGroup, strata), summed(survey.rowsByGroup, languages)]
  const columns: readonly Column[] = [
    ...(['firings', 'contexts', 'bucket', 'first'] as const).map((name) => ({
      name,
      type: 'uint32' as const,
    })),
    ...(['density', 'max', 'mean', 'decoder_norm'] as const).map((name) => ({
      name,
      type: 'float32' as const,
    })),
    { name: 'token', type: 'int32' },
    { name: 'flags', type: 'uint16' },
    { name: 'spark', type: 'uint8', width: SPARK_BINS },
    { name: 'by_stratum', type: 'float32', width: strata.names.length },
    { name: 'by_language', type: 'float32', width: languages.names.length },
  ]
  const db = openForReading(join(folder, DATABASE))
  const writer = await ArrowWriter.create(join(folder, TABLE), columns, {})
  try {
    const read = db.prepare<[number, number], TableRow>(
      `SELECT id, firings, contexts, bucket, first, max, mean, token, flags, histogram, by_group, decoder_norm
       FROM feature WHERE id >= ? ORDER BY id LIMIT ?`,
    )
    for (let from = 0; from < survey.firings.length; from += AT_ONCE) {
      const rows = read.all(from, AT_ONCE)
      const floats = (of: (row: TableRow) => number) => Float32Array.from(rows, of)
      const wholes = (of: (row: TableRow) => number) => Uint32Array.from(rows, of)
      const densities = (parts: Parts, all: readonly number[]) =>
        Float32Array.from(
          rows.flatMap((row) =>
            summed(readWhole(row.by_group), parts).map((count, at) => count / Math.max(1, all[at]!)),
          ),
        )
      await writer.write(rows.length, {
        ...{ firings: wholes((row) => row.firings), contexts: wholes((row) => row.contexts) },
        ...{ bucket: wholes((row) => row.bucket), first: wholes((row) => row.first) },
        density: floats((row) => row.firings / Math.max(1, survey.rows)),
        ...{ max: floats((row) => row.max), mean: floats((row) => row.mean) },
        decoder_norm: floats((row) => row.decoder_norm),
        token: Int32Array.from(rows, (row) => row.token),
        flags: Uint16Array.from(rows, (row) =>
          bitsOf((JSON.parse(row.flags) as Flagged[]).map(({ flag }) => flag)),
        ),
        spark: Uint8Array.from(rows.flatMap((row) => sparkOf(readWhole(row.histogram)))),
        by_stratum: densities(strata, rowsOf),
        by_language: densities(languages, rowsIn),
      })
    }
    await writer.commit()
  } catch (error) {
    await writer.abort()
    throw error
  } finally {
    db.close()
  }
}

/** A histogram in few bins, by the square root, so that tails are seen; the fullest is 255. */
function sparkOf(histogram: Uint32Array): number[] {
  const bins = new Array<number>(SPARK_BINS).fill(0)
  for (const [bin, count] of histogram.entries()) {
    bins[Math.floor((bin * SPARK_BINS) / HISTOGRAM_BINS)]! += count
  }
  const most = Math.max(...bins)
  return bins.map((count) => (most > 0 ? Math.round(255 * Math.sqrt(count / most)) : 0))
}

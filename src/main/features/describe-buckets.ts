// The pass that describes features: bucket by bucket, with the contexts in which each fires and the database's rows.
import { join } from 'node:path'
import type { Column } from '../store/arrow-columns.ts'
import { ArrowFile } from '../store/arrow-file.ts'
import { ArrowWriter } from '../store/arrow-writer.ts'
import { BucketReader } from './buckets.ts'
import { chooseExamples, type IndexedContexts } from './choose-examples.ts'
import { describe, type DescribeOptions } from './describe-feature.ts'
import type { FeatureWriter, NewFeature } from './feature-writer.ts'
import { CONTEXTS, firingsFile } from './index-folder.ts'
import { type FlagFacts, flagsBy } from './flags.ts'
import type { Survey } from './survey.ts'

const firingColumns: readonly Column[] = [
  { name: 'context', type: 'uint32' },
  { name: 'position', type: 'uint16' },
  { name: 'value', type: 'float16' },
]

export interface BucketsOptions {
  readonly folder: string
  readonly starts: readonly number[]
  /** Codes of a bucket that are held at once. */
  readonly most: number | undefined
  readonly writer: FeatureWriter
  readonly survey: Survey
  readonly describing: DescribeOptions
  readonly facts: FlagFacts
  /** Told the features that are done, after each bucket; throws to end it. */
  onFeatures(done: number): Promise<void>
}

/** Goes on behind the last bucket that was finished. Throws `disk/…`. */
export async function describeBuckets(options: BucketsOptions): Promise<void> {
  const { folder, starts, writer, onFeatures } = options
  const indexed = await indexedContexts(folder)
  const reader = new BucketReader(folder, options.most)
  for (let bucket = writer.progress().buckets ?? 0; bucket + 1 < starts.length; bucket++) {
    const features = await describeBucket(bucket, reader, indexed, options)
    writer.commit({ buckets: bucket + 1 }, () => writer.add(features))
    await onFeatures(starts[bucket + 1]!)
  }
}

async function describeBucket(
  bucket: number,
  reader: BucketReader,
  indexed: IndexedContexts,
  { folder, starts, survey, describing, facts }: BucketsOptions,
): Promise<NewFeature[]> {
  const from = starts[bucket]!
  const all = reader.read(bucket, starts[bucket + 1]! - from)
  const file = await ArrowWriter.create(join(folder, firingsFile(bucket)), firingColumns, {})
  const features: NewFeature[] = []
  let first = 0
  try {
    for (const [at, firings] of all.entries()) {
      const id = from + at
      const { contexts, ...described } = describe(firings, describing)
      const { context, position, value } = contexts
      const apart = survey.apart[id]!
      features.push({
        ...{ id, apart, bucket, first, ...described, contexts: context.length },
        flags: flagsBy({ ...described, fired: context.length, apart }, facts),
        examples: chooseExamples(id, contexts, indexed),
      })
      if (context.length > 0) await file.write(context.length, { context, position, value })
      first += context.length
    }
    await file.commit()
  } catch (error) {
    await file.abort()
    throw error
  }
  return features
}

async function indexedContexts(folder: string): Promise<IndexedContexts> {
  const file = await ArrowFile.open(join(folder, CONTEXTS))
  try {
    return {
      context: (await file.read('context', 0, file.rows)) as Uint32Array,
      tokens: (await file.read('tokens', 0, file.rows)) as Uint32Array,
    }
  } finally {
    await file.close()
  }
}

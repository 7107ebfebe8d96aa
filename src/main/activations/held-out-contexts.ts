// The contexts of a harvest whose documents validate, as the model read them, from the shards alone.
import { join } from 'node:path'
import type { HarvestManifest } from '../../shared/harvest.ts'
import { ShardReader } from './shard-reader.ts'
import { splits } from './split.ts'

export interface HeldOutContext {
  readonly ids: readonly number[]
  /** Of each token: whether its row validates; special tokens, attention sinks and what the cap thins out do not. */
  readonly counts: readonly boolean[]
}

/** The first `most`, in the order of the harvest; memory is that of a shard's piece. */
export async function* heldOutContexts(
  folder: string,
  { shards }: Pick<HarvestManifest, 'shards'>,
  most: number,
): AsyncGenerator<HeldOutContext> {
  let given = 0
  let number = -1
  let current = { ids: [] as number[], counts: [] as boolean[] }
  for (const { name } of shards) {
    const shard = await ShardReader.open(join(folder, name))
    try {
      for await (const { context, token, split } of shard.batches()) {
        for (const [row, its] of context.entries()) {
          if (its !== number) {
            if (current.counts.includes(true)) {
              yield current
              if (++given >= most) return
            }
            number = its
            current = { ids: [], counts: [] }
          }
          current.ids.push(token[row]!)
          current.counts.push(split[row] === splits.validation)
        }
      }
    } finally {
      await shard.close()
    }
  }
  if (current.counts.includes(true)) yield current
}

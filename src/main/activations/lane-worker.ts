// A thread with a session of the model, one of several that make rows side by side.
import { batchOf } from '../llama/batch.ts'
import { Harvester, type HarvesterOptions } from '../llama/harvester.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { answerCalls } from '../store/thread-calls.ts'
import { contextsOfRun } from './lanes.ts'
import { pack, type RowSlot } from './row-slots.ts'

let harvester: Harvester | undefined

function opened(): Harvester {
  if (!harvester) throw new Error('The model is not open.')
  return harvester
}

export const laneCalls = {
  /** `checkpoint` is its folder. */
  open: async (checkpoint: string, options: HarvesterOptions) => {
    harvester = await Harvester.open(await openCheckpoint(checkpoint), options)
  },
  /** Puts the rows of contexts into the slot, and resolves to how many they are. */
  rows: async (contexts: readonly Int32Array[], slot: RowSlot) => {
    let rows = 0
    const together = contextsOfRun(contexts[0]?.length ?? 1)
    for (let from = 0; from < contexts.length; from += together) {
      const { lengths, tokens: padded, ...batch } = batchOf(contexts.slice(from, from + together))
      const residuals = await opened().residuals({ ...batch, lengths, tokens: padded })
      rows += pack(residuals, { lengths, padded }, slot, rows)
    }
    return rows
  },
  close: async () => {
    await harvester?.close()
    harvester = undefined
  },
  norms: async (ids: Int32Array) => (await opened().residuals(batchOf([ids]))).norms.slice(),
}

answerCalls(laneCalls)

// A thread that reads and shuffles rows for training while the device works on those before.
import type { HarvestManifest } from '../../shared/harvest.ts'
import { answerCalls, moved } from '../store/thread-calls.ts'
import { type ShuffledPosition, ShuffledRows, type ShuffleOptions } from './shuffled-rows.ts'

let rows: ShuffledRows | undefined

export const loaderCalls = {
  open: async (folder: string, manifest: HarvestManifest, options: ShuffleOptions): Promise<void> => {
    await rows?.close()
    rows = await ShuffledRows.open(folder, manifest, options)
  },
  /** The next rows times `scale`, (count, D), and where reading stands after them. */
  next: async (
    count: number,
    scale: number,
  ): Promise<{ readonly x: Float32Array<ArrayBuffer>; readonly position: ShuffledPosition }> => {
    if (!rows) throw new Error('The loader is not open.')
    const x = await rows.next(count)
    for (let at = 0; at < x.length; at++) x[at]! *= scale
    return moved({ x, position: rows.position }, [x.buffer])
  },
  close: async (): Promise<void> => {
    await rows?.close()
    rows = undefined
  },
}

answerCalls(loaderCalls)

// A thread in which a model makes rows for training while the device works on those before.
import type { UsableDevice } from '../../shared/devices.ts'
import { answerCalls, moved } from '../store/thread-calls.ts'
import type { LiveInput } from './live-reader.ts'
import { LiveRows } from './live-rows.ts'
import { AskedToStop, type RowPosition } from './row-source.ts'

let rows: LiveRows | undefined

function opened(): LiveRows {
  if (!rows) throw new Error('Nothing is read yet.')
  return rows
}

/** What the work comes to; null once it was asked to stop. */
async function unlessStopped<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AskedToStop) return null
    throw error
  }
}

export interface LiveThreadOptions {
  readonly device: UsableDevice
  readonly validationRows: number
  /** One word, which is not 0 once it should stop. */
  readonly stop: Int32Array<SharedArrayBuffer>
}

export const liveCalls = {
  /** Resolves to the rows that validate (n, D) and which token each is of; null once it was asked to stop, as what follows. */
  start: async (input: LiveInput, { device, validationRows, stop }: LiveThreadOptions) => {
    const stopping = () => Atomics.load(stop, 0) !== 0
    const started = await unlessStopped(
      LiveRows.start(input, { device, validationRows, stopping, ahead: true }),
    )
    if (!started) return null
    rows = started
    const { rows: held, tokens } = started.held
    return { rows: held, tokens }
  },
  open: async (position: RowPosition) =>
    unlessStopped(
      opened()
        .open(position)
        .then(() => true),
    ),
  next: async (count: number, scale: number) => {
    const next = await unlessStopped(opened().next(count, scale))
    return next && moved(next, [next.x.buffer])
  },
  close: async () => {
    await rows?.close()
    rows = undefined
  },
}

answerCalls(liveCalls)

// A thread that writes shards and index, while the model reads the next batch.
import { answerCalls } from '../store/thread-calls.ts'
import type { Chunk } from './chunk.ts'
import { HarvestWriter, type HarvestWriterOptions } from './harvest-writer.ts'
import type { PackedRows } from './row-slots.ts'

let writer: HarvestWriter | undefined

function opened(): HarvestWriter {
  if (!writer) throw new Error('The writer is not open.')
  return writer
}

export const writerCalls = {
  open: async (options: HarvestWriterOptions) => {
    writer = await HarvestWriter.open(options)
    return writer.progress
  },
  begin: (chunk: Chunk) => opened().begin(chunk),
  add: (contexts: readonly number[], rows: PackedRows) => opened().add(contexts, rows),
  commit: async () => {
    await opened().commit()
    return opened().progress
  },
  settle: (chunk: Pick<Chunk, 'position' | 'leftOut'>) => {
    opened().settle(chunk)
    return opened().progress
  },
  sketch: () => opened().sketch(),
  finish: () => opened().finish(),
  close: () => opened().close(),
}

answerCalls(writerCalls)

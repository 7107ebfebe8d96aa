// A process that builds an index, one transaction a chunk, and dies when it has added so many contexts.
import { IndexWriter } from '../../../src/main/activations/index-writer.ts'
import { CHUNKS, addChunk } from './index-chunks.ts'

const [path = '', until = '-1'] = process.argv.slice(2)
let added = 0
const index = IndexWriter.open(path)
const progress = index.progress() as { chunks: number } | null
for (let chunk = progress?.chunks ?? 0; chunk < CHUNKS; chunk++) {
  addChunk(index, chunk, () => {
    if (++added === Number(until)) process.kill(process.pid, 'SIGKILL')
  })
  index.commit({ chunks: chunk + 1 })
}
index.finish()

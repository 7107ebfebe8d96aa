// A process that builds an index, one transaction a chunk, tells what it has committed, and may be killed at any time.
import { IndexWriter } from '../../../src/main/activations/index-writer.ts'
import { CHUNKS, addChunk } from './index-chunks.ts'

const [path = '', last = String(CHUNKS)] = process.argv.slice(2)
const index = IndexWriter.open(path)
const progress = index.progress() as { chunks: number } | null
for (let chunk = progress?.chunks ?? 0; chunk < Number(last); chunk++) {
  addChunk(index, chunk, (context) => process.send?.({ chunk, context }))
  index.commit({ chunks: chunk + 1 })
}
if (Number(last) === CHUNKS) index.finish()
else index.close()
process.disconnect()

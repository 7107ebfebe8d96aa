// Memory does not grow with the corpus: a process of its own reads a small and a tenfold one.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { zstdCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { corpusFolder, jsonLines } from '../../helpers/corpus.ts'

const megabyte = jsonLines(
  Array.from({ length: 1_000 }, (_, index) => ({ text: `Document ${index}. `.repeat(90).slice(0, 985) })),
)
const reader = fileURLToPath(new URL('reader.ts', import.meta.url))

async function read(megabytes: number): Promise<{ characters: number; peak: number }> {
  const frame = zstdCompressSync(megabyte)
  const path = await corpusFolder({
    'a.jsonl.zst': Buffer.concat(Array.from({ length: megabytes }, () => frame)),
  })
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=64',
    reader,
    join(path, 'a.jsonl.zst'),
  ])
  return JSON.parse(stdout) as { characters: number; peak: number }
}

it('reading 200 MB takes no more memory than reading 20 MB', async () => {
  const small = await read(20)
  const large = await read(200)
  expect(small.characters).toBe(20 * 985_000)
  expect(large.characters).toBe(200 * 985_000)
  // a garbage collector is never quite the same, and buffers wait for it longer on a busy machine
  expect(large.peak - small.peak).toBeLessThan(100e6)
})

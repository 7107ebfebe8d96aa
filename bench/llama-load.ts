// Loads a model in a process of its own, and prints how long it took and what memory it takes, in MB, as JSON.
import { readFileSync } from 'node:fs'
import { peakRss } from '../src/main/compute/peak-rss.ts'
import { Llama } from '../src/main/llama/llama.ts'
import { openCheckpoint } from '../src/main/llama/open-checkpoint.ts'
import { batchOf } from '../src/main/llama/batch.ts'
import { device } from './llama.ts'

const [, , folder, precision] = process.argv as [string, string, string, 'float32' | 'int4']
const before = memory()
const start = performance.now()
const llama = await Llama.open(await openCheckpoint(folder), { device, precision })
const seconds = (performance.now() - start) / 1000
await llama.forward(batchOf([[1, 2, 3]]), { logitsAt: Int32Array.of(2) })
const after = memory()
console.log(JSON.stringify({ seconds, before: before.all, ...after }))
await llama.close()

/** Where there is no /proc, only the peak is known. */
function memory(): Record<'all' | 'peak' | 'own' | 'mapped', number | null> {
  const peak = Math.round(peakRss() / 2 ** 20)
  const all = Math.round(process.memoryUsage().rss / 2 ** 20)
  if (process.platform !== 'linux') return { all, peak, own: null, mapped: null }
  const status = readFileSync('/proc/self/status', 'utf8')
  const of = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
  return { all, peak, own: of('RssAnon'), mapped: of('RssFile') }
}

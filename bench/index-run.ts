// One index of a given SAE and harvest, in a process of its own as the job makes it; prints what it took as JSON.
import { readFileSync, writeFileSync } from 'node:fs'
import { readHarvest } from '../src/main/activations/harvest-folder.ts'
import { buildIndex } from '../src/main/features/build-index.ts'
import type { IndexStep } from '../src/main/features/index-order.ts'
import { openCheckpoint } from '../src/main/llama/open-checkpoint.ts'
import { Tokenizer } from '../src/main/llama/tokenizer.ts'
import { openSaeFolder } from '../src/main/sae/exchange/read-sae.ts'
import { hashSae } from '../src/main/sae/sae-hash.ts'
import { device } from './llama.ts'
import { DEMO_MODEL } from './sae-trained.ts'

/** Of one step. */
export interface IndexTook {
  readonly step: string
  readonly seconds: number
  /** Seconds of the processor, all threads together. */
  readonly processor: number
  /** Bytes that were resident at most. */
  readonly peak: number
}

const [saeFolder, harvest, folder] = process.argv.slice(2) as [string, string, string]
const took: IndexTook[] = []
let step: IndexStep | 'Opening' = 'Opening'
let since = { at: performance.now(), usage: process.cpuUsage() }
function ends(next: typeof step): void {
  const { user, system } = process.cpuUsage(since.usage)
  const seconds = (performance.now() - since.at) / 1000
  took.push({ step, seconds, processor: (user + system) / 1e6, peak: peakSince() })
  step = next
  since = { at: performance.now(), usage: process.cpuUsage() }
}
/** The most that was resident since this was asked before. Linux only. */
function peakSince(): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))!
  writeFileSync('/proc/self/clear_refs', '5')
  return Number(kilobytes) * 1024
}

const sae = await openSaeFolder(saeFolder)
const [checkpoint, tokenizer] = [await openCheckpoint(DEMO_MODEL), await Tokenizer.open(DEMO_MODEL)]
await buildIndex(
  {
    ...{ folder, sae, saeId: 'bench', saeHash: await hashSae(saeFolder), device },
    harvest: { id: 'bench', folder: harvest, manifest: await readHarvest(harvest) },
    ...{ share: 1, l0: sae.k!, model: { checkpoint, tokenizer }, noModel: null },
  },
  {
    onProgress: (next) => {
      if (next !== step) ends(next)
    },
    checkpoint: () => Promise.resolve(),
  },
)
ends('Opening')
console.log(JSON.stringify(took))

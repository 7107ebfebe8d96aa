// What an index of features takes as its features and its rows grow: memory at the peak and time, step by step.
// Letters: D width of the model, F features.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { noise } from '../src/main/llama/noise.ts'
import { computeFlags } from '../src/main/host/compute-environment.ts'
import { writeSae } from '../src/main/sae/write-sae.ts'
import { harvestInProcess, longCorpus } from './harvest.ts'
import type { IndexTook } from './index-run.ts'
import { DEMO_MODEL } from './sae-trained.ts'

/** Features and rows of the indexes that are compared. */
const sizes: readonly (readonly [features: number, rows: number])[] = [
  [4_096, 100_000],
  [16_384, 100_000],
  [65_536, 100_000],
  [4_096, 1_000_000],
]
/** Of the demo's model, and codes of a row. */
const [D, LAYER, K] = [192, 2, 24]

export async function benchIndexMemory(): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'monoscope-bench-'))
  try {
    console.log(`\nIndex of features, memory: TopK by chance, k ${K}, D ${D}`)
    const corpus = join(root, 'corpus.jsonl')
    await writeFile(corpus, await longCorpus())
    const peaks: number[] = []
    for (const [F, rows] of sizes) {
      const [sae, harvest, index] = ['sae', `harvest-${rows}`, 'index'].map((name) => join(root, name))
      await harvestOf(harvest!, { corpus, rows })
      await writeChanceSae(sae!, F)
      const steps = await inProcess(sae!, harvest!, index!)
      await Promise.all([sae!, index!].map((folder) => rm(folder, { recursive: true })))
      const peak = Math.max(...steps.map((step) => step.peak))
      peaks.push(peak)
      const sum = (of: 'seconds' | 'processor') => steps.reduce((all, step) => all + step[of], 0).toFixed(1)
      console.log(
        `  F ${F.toLocaleString('en').padEnd(7)} ${rows.toLocaleString('en').padStart(9)} rows   ` +
          `peak ${megabytes(peak)} MB, ${sum('seconds')} s, of the processor ${sum('processor')} s`,
      )
      for (const { step, seconds, processor, peak: most } of steps) {
        console.log(
          `    ${step.padEnd(14)} ${megabytes(most)} MB, ${seconds.toFixed(1)} s, ${processor.toFixed(1)} s`,
        )
      }
    }
    const apart = Math.max(...peaks) / Math.min(...peaks) - 1
    console.log(`  apart            ${(apart * 100).toFixed(1)} %`)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0)
const made = new Set<string>()

async function harvestOf(
  folder: string,
  { corpus, rows }: { readonly corpus: string; readonly rows: number },
): Promise<void> {
  if (made.has(folder)) return
  made.add(folder)
  await harvestInProcess({ work: 'harvest', model: DEMO_MODEL, folder, corpus, layer: LAYER, tokens: rows })
}

/** TopK with directions by chance, encoder and decoder the same. */
async function writeChanceSae(folder: string, F: number): Promise<void> {
  const W_dec = Float32Array.from({ length: F * D }, (_, at) => noise(5, 1, at) + noise(5, 2, at) - 1)
  const W_enc = new Float32Array(D * F)
  for (let f = 0; f < F; f++) for (let d = 0; d < D; d++) W_enc[d * F + f] = W_dec[f * D + d]!
  await writeSae(
    folder,
    {
      ...{ architecture: 'topk', D, F, k: K, centred: true, rescaled: false, normalisation: 'none' },
      metadata: { model_name: 'bench', hook_name: `blocks.${LAYER}.hook_resid_post` },
      tensors: { W_enc, W_dec, b_enc: new Float32Array(F), b_dec: new Float32Array(D) },
    },
    null,
  )
}

async function inProcess(...folders: readonly string[]): Promise<IndexTook[]> {
  const run = fileURLToPath(new URL('index-run.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [...computeFlags, run, ...folders])
  return JSON.parse(stdout) as IndexTook[]
}

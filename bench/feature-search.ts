// Contexts and features together, by the text of contexts: as the app asks, of an index that was drawn by chance.
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { featureReader } from '../src/main/features/feature-reads.ts'
import { folderBytes } from '../src/main/store/folder.ts'
import { featureSearchSchema } from '../src/shared/feature-search.ts'
import { drawIndex, F, K } from './feature-index.ts'
import { build, CONTEXTS, generator, makeWords, quantile, queries, textGenerator } from './search.ts'

/** The index of a harvest that the search bench's generator made before; else it is made anew, which takes minutes. */
const INDEX = process.env.MONOSCOPE_BENCH_INDEX
const ROUNDS = 5
/** Milliseconds, of 95 in 100 searches. */
const AIM = 100

export async function benchFeatureSearch(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'monoscope-bench-'))
  const reader = featureReader(join(folder, 'features'))
  try {
    const random = generator(1)
    const words = makeWords(random)
    console.log(
      `\nContexts and features by text, ${CONTEXTS.toLocaleString('en')} contexts, F ${F}, ${K} a row`,
    )
    const harvest = INDEX ?? join(folder, 'index.sqlite')
    if (INDEX === undefined) build(harvest, textGenerator(words, random))
    const begun = performance.now()
    const features = join(folder, 'features')
    const rows = await drawIndex({ folder: features, harvest, contexts: CONTEXTS, words, random })
    const [took, bytes] = [(performance.now() - begun) / 1000, await folderBytes(features)]
    console.log(
      `  drawn            ${took.toFixed(0)} s, ${(rows / 1e6).toFixed(0)} million rows, ${(bytes / 1e9).toFixed(1)} GB`,
    )
    const opened = performance.now()
    await reader.read('manifest', [])
    console.log(`  opened           ${(performance.now() - opened).toFixed(0)} ms`)
    await measure(words, async (text) => {
      const query = featureSearchSchema.parse({ sae: 'drawn', text })
      return await reader.read('search', [harvest, query, new Map()])
    })
  } finally {
    await reader.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(
  words: readonly string[],
  search: (text: string) => Promise<{ readonly compared: number; readonly features: readonly unknown[] }>,
): Promise<void> {
  const [first, later]: [number[], number[]] = [[], []]
  let slowest = { text: '', milliseconds: 0 }
  for (const [kind, texts] of Object.entries(queries(words))) {
    const times: number[] = []
    let compared = 0
    for (let round = 0; round <= ROUNDS; round++) {
      for (const text of texts) {
        const begun = performance.now()
        const found = await search(text)
        const milliseconds = performance.now() - begun
        if (found.compared > 0 && found.features.length === 0) throw new Error(`No features for ${text}.`)
        if (round === 0) {
          first.push(milliseconds)
          compared += found.compared / texts.length
          continue
        }
        times.push(milliseconds)
        if (milliseconds > slowest.milliseconds) slowest = { text, milliseconds }
      }
    }
    later.push(...times)
    console.log(
      `  ${kind.padEnd(16)} p50 ${quantile(times, 0.5)}, p95 ${quantile(times, 0.95)}; ${compared.toFixed(0)} contexts compared`,
    )
  }
  console.log(
    `  asked first      p50 ${quantile(first, 0.5)}, p95 ${quantile(first, 0.95)} (files just written)`,
  )
  console.log(
    `  asked again      p50 ${quantile(later, 0.5)}, p95 ${quantile(later, 0.95)} (aim: under ${AIM} ms; ` +
      `files in the system's memory), load ${loadavg()[0]!.toFixed(1)}`,
  )
  console.log(`  slowest          ${slowest.milliseconds.toFixed(0)} ms for ${slowest.text}`)
}

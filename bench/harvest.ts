// Harvests beside the bare runs of the model on the same batches: speed, where the time goes, and memory as they grow.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { zstdDecompressSync } from 'node:zlib'
import { computeEnvironment, computeFlags } from '../src/main/host/compute-environment.ts'
import { convertGguf } from '../src/main/llama/gguf/convert.ts'
import { benchAccess } from './access.ts'
import { built } from './built.ts'
import type { HarvestRun, HarvestRunResult } from './harvest-run.ts'
import { MODEL } from './llama.ts'
import { median, spread, takingTurns } from './statistics.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const DEMO = at('../resources/demo/model')
const TEXT = at('../resources/demo/corpus/demo.jsonl.zst')
const ROUNDS = Number(process.env.MONOSCOPE_BENCH_ROUNDS ?? 3)
/** Share of the bare runs' tokens a second that a whole harvest is to reach. */
const AIM = 0.9
/** Tokens of the harvests whose memory is compared, and how far apart that may be. */
const [SMALL, LARGE, APART] = [100_000, 1_000_000, 0.05]

let program: Promise<string> | undefined

export async function benchHarvest(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'monoscope-bench-'))
  try {
    const corpus = join(folder, 'corpus.jsonl')
    await writeFile(corpus, await longCorpus())
    await compare('demo', { folder, corpus, model: DEMO, layer: 2, tokens: 400_000 })
    await memory({ folder, corpus, model: DEMO, layer: 2 })
    const model = join(folder, 'model')
    await convertGguf(MODEL, model)
    await compare('SmolLM2-135M', { folder, corpus, model, layer: 15, tokens: 24_000 })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The demo's corpus twice over, no text the same: more than a million tokens of it. */
export async function longCorpus(): Promise<string> {
  const lines = zstdDecompressSync(await readFile(TEXT))
    .toString()
    .trim()
    .split('\n')
  const again = lines.map((line) => {
    const document = JSON.parse(line) as { text: string }
    return JSON.stringify({ ...document, text: `Again: ${document.text}` })
  })
  return [...lines, ...again].join('\n')
}

async function compare(name: string, run: Omit<HarvestRun, 'work'>): Promise<void> {
  console.log(`\nHarvest, ${name}, ${run.tokens.toLocaleString('en')} tokens: ${ROUNDS} rounds, taking turns`)
  const folder = join(run.folder, 'compared')
  let last: HarvestRunResult | undefined
  const processor: { readonly whole: number[]; readonly bare: number[] } = { whole: [], bare: [] }
  const [whole = [], bare = []] = await takingTurns(ROUNDS, [
    async () => {
      await rm(folder, { recursive: true, force: true })
      last = await harvestInProcess({ ...run, work: 'harvest', folder })
      processor.whole.push(last.processor)
      return last.tokens / last.seconds
    },
    async () => {
      const { tokens, seconds, processor: taken } = await harvestInProcess({ ...run, work: 'bare', folder })
      processor.bare.push(taken)
      return tokens / seconds
    },
  ])
  await rm(folder, { recursive: true, force: true })
  const line = (what: string, values: readonly number[]) =>
    console.log(`  ${what.padEnd(16)} ${median(values).toFixed(0)} tokens/s (${spread(values)})`)
  line('whole harvest', whole)
  line('bare runs', bare)
  const ratio = median(whole.map((value, round) => value / bare[round]!))
  console.log(`  ratio            ${ratio.toFixed(2)} (aim: at least ${AIM})`)
  const [all, model] = [median(processor.whole), median(processor.bare)]
  console.log(
    `  processor time   ${all.toFixed(1)} s, bare runs ${model.toFixed(1)} s: ratio ${(model / all).toFixed(2)}, ` +
      'which other programs change less',
  )
  if (last) reportTimes(last)
}

function reportTimes({ seconds, times }: HarvestRunResult): void {
  if (!times) return
  const part = (milliseconds: number) => `${(milliseconds / 10 / seconds).toFixed(0)} %`
  console.log(
    `  where it goes    of ${seconds.toFixed(1)} s: model ${part(times.model)}; beside it text ${part(times.text)}, ` +
      `shards ${part(times.shards)}, index ${part(times.index)}; waiting for text ${part(times.waitingForText)}, ` +
      `for writing ${part(times.waitingForWriting)}; merging the index ${part(times.finish)}`,
  )
}

async function memory(run: Omit<HarvestRun, 'work' | 'tokens'>): Promise<void> {
  console.log(`\nHarvest, memory: ${ROUNDS} rounds, taking turns`)
  let accessed = false
  const peaks = await takingTurns(
    ROUNDS,
    [SMALL, LARGE].map((tokens) => async () => {
      const folder = join(run.folder, `of-${tokens}`)
      const { peak } = await harvestInProcess({ ...run, work: 'harvest', folder, tokens })
      if (tokens === LARGE && !accessed) await benchAccess(folder, run.model)
      accessed ||= tokens === LARGE
      await rm(folder, { recursive: true, force: true })
      return peak / 2 ** 20
    }),
  )
  for (const [index, tokens] of [SMALL, LARGE].entries()) {
    const megabytes = `${median(peaks[index]!).toFixed(0)} MB (${spread(peaks[index]!)})`
    console.log(`  ${tokens.toLocaleString('en').padEnd(16)} peak ${megabytes}`)
  }
  const growth = median(peaks[1]!) / median(peaks[0]!) - 1
  console.log(`  growth           ${(growth * 100).toFixed(1)} % (aim: within ${APART * 100} %)`)
}

/** In a process as the app makes them for its jobs. */
export async function harvestInProcess(run: HarvestRun): Promise<HarvestRunResult> {
  program ??= built('harvest-run')
  const args = [...computeFlags, await program, JSON.stringify(run)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: computeEnvironment() })
  return JSON.parse(stdout) as HarvestRunResult
}

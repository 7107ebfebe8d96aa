// LLaMA: harvest, decoding, loading and memory, beside transformers in float32 and llama.cpp on the quantised file.
import { spawnSync } from 'node:child_process'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zstdDecompressSync } from 'node:zlib'
import { batchOf } from '../src/main/llama/batch.ts'
import type { Checkpoint } from '../src/main/llama/checkpoint.ts'
import { generate } from '../src/main/llama/generate.ts'
import { convertGguf } from '../src/main/llama/gguf/convert.ts'
import { Harvester } from '../src/main/llama/harvester.ts'
import { Llama } from '../src/main/llama/llama.ts'
import { openCheckpoint } from '../src/main/llama/open-checkpoint.ts'
import { openQuantised } from '../src/main/llama/quantised/file.ts'
import { Tokenizer } from '../src/main/llama/tokenizer.ts'
import { cpu } from '../src/main/onnx/device.ts'
import type { UsableDevice } from '../src/shared/devices.ts'
import { openProgram, openPython, type Peer } from './peer.ts'
import { mean, median, spread, standardError, takingTurns } from './statistics.ts'

const shared = (path: string) => fileURLToPath(new URL(`../../shared/${path}`, import.meta.url))
/** A quantised GGUF file, and English text (plain, or of the demo's corpus). */
export const MODEL =
  process.env.MONOSCOPE_BENCH_MODEL ?? shared('models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf')
const TEXT = process.env.MONOSCOPE_BENCH_TEXT ?? shared('demo/corpus/heldout.jsonl.zst')
/** A folder in which npm has installed node-llama-cpp. */
const LLAMA_CPP = process.env.MONOSCOPE_LLAMA_CPP

/** Rows and tokens of a harvested batch, and the block after which it is read. */
const [B, T, LAYER] = [8, 128, 15]
const [PROMPT, NEW_TOKENS] = [16, 64]
/** Tokens of text whose surprise is measured, in windows that begin anew. */
const [WINDOW, WINDOWS] = [256, 64]
const ROUNDS = 5

export const device: UsableDevice = {
  ...cpu,
  ...{ float16: false, attention: { float32: 'fused', float16: null }, gflops: null, memory: null },
}

export async function benchLlama(): Promise<void> {
  console.log(`\nLLaMA: ${ROUNDS} rounds, taking turns`)
  for (const path of [MODEL, TEXT]) {
    const there = await access(path).then(
      () => true,
      () => false,
    )
    if (!there) {
      console.log(`  Skipped: ${path} is not there (MONOSCOPE_BENCH_MODEL, MONOSCOPE_BENCH_TEXT).`)
      return
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'monoscope-bench-'))
  try {
    await convertGguf(MODEL, folder)
    await measureAll(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureAll(folder: string): Promise<void> {
  const checkpoint = await openCheckpoint(folder)
  const start = performance.now()
  await openQuantised(checkpoint, folder)
  console.log(`  ${MODEL.split('/').at(-1)}, ${(checkpoint.parameters / 1e6).toFixed(0)} M parameters`)
  console.log(`  int4 prepared in ${((performance.now() - start) / 1000).toFixed(1)} s, once\n`)
  for (const precision of ['float32', 'int4']) reportLoad(folder, precision)

  const tokenizer = await Tokenizer.open(folder)
  const { ids } = tokenizer.encode((await readText()).slice(0, 12 * WINDOW * WINDOWS), { special: false })
  const idsFile = join(folder, 'ids.json')
  await writeFile(idsFile, JSON.stringify(ids.slice(0, WINDOW * WINDOWS)))
  const threads = availableParallelism()
  const transformers = await openPython(
    'llama.py',
    ['torch', 'transformers'],
    [folder, idsFile, LAYER, B, T, NEW_TOKENS, threads],
  )
  const llamaCpp = await openLlamaCpp(idsFile, threads)
  try {
    await harvest(checkpoint, ids, transformers)
    await decode({ checkpoint, tokenizer, ids, transformers, llamaCpp })
  } finally {
    transformers?.close()
    llamaCpp?.close()
  }
}

async function openLlamaCpp(idsFile: string, threads: number): Promise<Peer | undefined> {
  if (LLAMA_CPP === undefined) {
    console.log('  No comparison with llama.cpp: MONOSCOPE_LLAMA_CPP names no folder with node-llama-cpp.')
    return undefined
  }
  return await openProgram(process.execPath, 'llama-cpp.mjs', [
    ...[LLAMA_CPP, MODEL, idsFile, NEW_TOKENS, WINDOW, threads],
  ])
}

/** English prose of the demo's corpus, or the text as it is. */
async function readText(): Promise<string> {
  const bytes = await readFile(TEXT)
  if (!TEXT.endsWith('.jsonl.zst')) return bytes.toString()
  const documents = zstdDecompressSync(bytes).toString().trim().split('\n')
  return documents
    .map((line) => JSON.parse(line) as { text: string; meta: { pile_set_name: string; lang: string } })
    .filter(({ meta }) => meta.lang === 'en' && /Fiction|Scripture/.test(meta.pile_set_name))
    .map(({ text }) => text)
    .join('\n\n')
}

/** In a process of its own, whose memory nothing else has touched. */
function reportLoad(folder: string, precision: string): void {
  const path = fileURLToPath(new URL('llama-load.ts', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, [path, folder, precision], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`Loading in ${precision} failed.`)
  const { seconds, before, peak, own, mapped } = JSON.parse(stdout) as Record<string, number>
  console.log(
    `  load ${precision.padEnd(8)}    ${seconds!.toFixed(2)} s (wanted: under 3 s); peak ${peak} MB, ` +
      `of which ${before} MB before; then ${own} MB of its own and ${mapped} MB of files`,
  )
}

async function harvest(checkpoint: Checkpoint, ids: number[], peer: Peer | undefined): Promise<void> {
  const options = { device, hook: `blocks.${LAYER}.hook_resid_post` as const, positions: T }
  const harvester = await Harvester.open(checkpoint, options)
  const batch = batchOf(Array.from({ length: B }, (_, row) => ids.slice(row * T, (row + 1) * T)))
  const ours = async () => {
    const start = performance.now()
    await harvester.run(batch)
    return (performance.now() - start) / 1000
  }
  const sides = [ours, ...(peer ? [() => peer.measure('harvest')] : [])]
  const results = (await takingTurns(ROUNDS, sides)).map((seconds) => seconds.map((one) => (B * T) / one))
  await harvester.close()
  console.log(`\n  harvest, ${B} x ${T} tokens through ${LAYER + 1} blocks, float32`)
  report(['Monoscope', nameOf(peer)], results)
  ratio('transformers', results[0], results[1], 1.1)
}

interface Decoding {
  readonly checkpoint: Checkpoint
  readonly tokenizer: Tokenizer
  readonly ids: number[]
  readonly transformers: Peer | undefined
  readonly llamaCpp: Peer | undefined
}

async function decode({ checkpoint, tokenizer, ids, transformers, llamaCpp }: Decoding): Promise<void> {
  const prompt = ids.slice(0, PROMPT)
  const [float32, int4] = await Promise.all([
    Llama.open(checkpoint, { device, precision: 'float32' }),
    Llama.open(checkpoint, { device, precision: 'int4' }),
  ])
  const [f, q, t, c] = await takingTurns(ROUNDS, [
    () => completing(float32, tokenizer, prompt),
    () => completing(int4, tokenizer, prompt),
    () => transformers?.measure('decode') ?? Promise.resolve(Infinity),
    () => llamaCpp?.measure('decode') ?? Promise.resolve(Infinity),
  ]).then((sides) => sides.map((side) => side.map((seconds) => NEW_TOKENS / seconds)))
  console.log(`\n  decode, one row, greedy, ${NEW_TOKENS} tokens after ${PROMPT}`)
  report(['Monoscope float32', nameOf(transformers), 'Monoscope int4', nameOf(llamaCpp)], [f!, t!, q!, c!])
  if (transformers) ratio('transformers', f, t, 2.5)
  if (llamaCpp) ratio('llama.cpp', q, c, 1.3)
  console.log(`    int4 is ${(median(q!) / median(f!)).toFixed(2)} x float32`)

  console.log(`\n  perplexity, ${WINDOW * WINDOWS} tokens of English in windows of ${WINDOW}`)
  const line = (name: string, surprises: readonly number[]) =>
    console.log(`    ${name.padEnd(20)} ${Math.exp(mean(surprises)).toFixed(3)}`)
  line('Monoscope float32', await surprisesOf(float32, ids))
  const ours = await surprisesOf(int4, ids)
  line('Monoscope int4', ours)
  if (llamaCpp) {
    const theirs = (await llamaCpp.ask('perplexity')).surprises as number[]
    line(nameOf(llamaCpp), theirs)
    const differences = ours.map((surprise, place) => surprise - theirs[place]!)
    console.log(
      `    int4 - llama.cpp     ${mean(differences).toFixed(5)} nats a token, standard error ` +
        standardError(differences).toFixed(5),
    )
  }
  await Promise.all([float32.close(), int4.close()])
}

/** Seconds of `NEW_TOKENS` tokens after the first, which comes with the prompt; nothing ends the text. */
async function completing(llama: Llama, tokenizer: Tokenizer, prompt: number[]): Promise<number> {
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 0 }
  const row = { prompt, sampling, stream: 0, maxTokens: NEW_TOKENS + 1, stop: [] }
  const model = {
    config: { ...llama.config, eosIds: [] },
    positions: llama.positions,
    forward: llama.forward.bind(llama),
  }
  let start = 0
  for await (const _event of generate(model, tokenizer, [row])) start ||= performance.now()
  return (performance.now() - start) / 1000
}

/** Negative log-probability of each token of every window after its first. */
async function surprisesOf(llama: Llama, ids: number[]): Promise<number[]> {
  const { vocabulary } = llama.config
  const places = Int32Array.from({ length: WINDOW - 1 }, (_, place) => place)
  const surprises: number[] = []
  for (let window = 0; window < WINDOWS; window++) {
    const own = ids.slice(window * WINDOW, (window + 1) * WINDOW)
    const { logits, logSums } = await llama.forward(batchOf([own]), { logitsAt: places })
    for (const place of places)
      surprises.push(logSums[place]! - logits[place * vocabulary + own[place + 1]!]!)
  }
  return surprises
}

function nameOf(peer: Peer | undefined): string {
  if (peer?.about.transformers !== undefined) return `transformers ${peer.about.transformers as string}`
  return `llama.cpp ${peer?.about.version as string}`
}

function report(names: readonly string[], tokensPerSecond: readonly number[][]): void {
  for (const [index, values] of tokensPerSecond.entries()) {
    if (!values.every((value) => value > 0)) continue
    console.log(
      `    ${names[index]!.padEnd(20)} ${median(values).toFixed(1).padStart(7)} tokens/s (${spread(values, 1)})`,
    )
  }
}

/** Of the medians, beside what is wanted. */
function ratio(name: string, ours: number[] | undefined, theirs: number[] | undefined, wanted: number): void {
  if (!ours || !theirs) return
  console.log(
    `    ratio                ${(median(ours) / median(theirs)).toFixed(2)} x ${name} (wanted: ${wanted})`,
  )
}

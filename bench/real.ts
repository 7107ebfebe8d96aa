// npm run bench:real -- MODEL.gguf: the whole loop on a real model by the command line, from importing it to steering it towards code.
import { spawn } from 'node:child_process'
import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { resolvePlace } from '../src/main/steering/place.ts'
import { workspaceAt } from '../src/main/store/workspace.ts'
import { evaluationSchema } from '../src/shared/sae-evaluation.ts'
import { samplingSchema } from '../src/shared/generation.ts'
import { type EffectOptions, measureEffects } from './steering-effects.ts'
import { measureTimes } from './steering-times.ts'
import { domains } from './steering-words.ts'

/** Is kept, and where an SAE is in it already, only steering is measured. Else a folder that is removed. */
const WORKSPACE = process.env.MONOSCOPE_BENCH_WORKSPACE

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const CORPUS = here('resources/demo/corpus/demo.jsonl.zst')

const [TOKENS, LAYER] = [200_000, 15]
const [WIDTH, K] = [4608, 32]
/** Rows training reads, passing over the harvest as often as that takes. */
const ROWS = 2_000_000
/** What features are looked for by, one each. */
const SEARCHES = ['pain', 'Jehová', 'return']
/** English scripture is steered towards it. */
const DOMAIN = 'Python'
const EFFECTS: EffectOptions = {
  sampling: samplingSchema.parse({ temperature: 0.5, topP: 0.8, repetitionPenalty: 1.3 }),
  ...{ candidates: 32, strengths: [0.6, 0.75, 0.9, 1.1], screening: { prompts: 2, features: 10 } },
  pairs: false,
  rounds: [
    { arms: 48, prompts: 2 },
    { arms: 16, prompts: 4 },
    { arms: 4, prompts: 12 },
  ],
  judging: { prompts: 20, samples: 2 },
}

const harvested = z.object({ id: z.string(), tokensPerSecond: z.number(), peakRssBytes: z.number() })
const trained = z.object({
  ...{ id: z.string(), fvu: z.number(), l0: z.number(), deadShare: z.number(), tokensPerSecond: z.number() },
})
const indexed = z.object({ alive: z.number(), rows: z.number(), seconds: z.number() })
const found = z.object({
  results: z.array(z.object({ feature: z.number(), score: z.number(), example: z.string().nullable() })),
})

const [model] = process.argv.slice(2)
const there =
  model !== undefined &&
  (await access(model).then(
    () => true,
    () => false,
  ))
if (there) await loop(model)
else {
  console.error('npm run bench:real -- MODEL: the path of a GGUF file or of a folder with a LLaMA model.')
  process.exitCode = 2
}

async function loop(path: string): Promise<void> {
  console.log(
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`,
  )
  const workspace = WORKSPACE ?? (await mkdtemp(join(tmpdir(), 'monoscope-real-')))
  try {
    const run = commands(workspace)
    const { id: name } = await run('import', z.object({ id: z.string() }), [path])
    const [made] = (await readdir(workspaceAt(workspace).saes)).filter((id) => !id.startsWith('.'))
    const sae = made ?? (await madeSae(run, name))
    const place = await resolvePlace({ sae, model: name }, workspaceAt(workspace), [])
    await measureTimes(place)
    const code = (await domains()).filter((domain) => domain.name === DOMAIN)
    if (!(await measureEffects(place, code, EFFECTS))) process.exitCode = 1
  } finally {
    if (WORKSPACE === undefined) await rm(workspace, { recursive: true, force: true })
  }
}

/** Harvests, trains, evaluates and indexes, and searches the features; the SAE's id. */
async function madeSae(run: Run, model: string): Promise<string> {
  const harvest = await run('harvest', harvested, [
    ...['--model', model, '--corpus', CORPUS, '--layer', String(LAYER), '--tokens', String(TOKENS)],
    ...['--sample', 'equal', '--stratum-field', 'meta.pile_set_name', '--language-field', 'meta.lang'],
  ])
  say('harvest', `${count(harvest.tokensPerSecond)} tokens/s, peak ${megabytes(harvest.peakRssBytes)} MB`)
  const sae = await run('train', trained, [
    ...['--harvest', harvest.id, '--variant', 'topk', '--width', String(WIDTH), '--k', String(K)],
    ...['--tokens', String(ROWS)],
  ])
  say('train', `${count(sae.tokensPerSecond)} rows/s`)
  const measured = await run('evaluate', evaluationSchema, ['--sae', sae.id])
  say('FVU', measured.fvu.toFixed(3))
  say('L0', measured.l0.toFixed(1))
  say('CE recovered', `${(measured.ceRecovered * 100).toFixed(1)} %`)
  say('dead share', `${(sae.deadShare * 100).toFixed(1)} %`)
  const index = await run('index', indexed, ['--sae', sae.id])
  say('index', `${count(index.alive)} of ${count(WIDTH)} alive, ${count(index.rows / index.seconds)} rows/s`)
  for (const search of SEARCHES) await showFound(run, sae.id, search)
  return sae.id
}

async function showFound(run: Run, sae: string, search: string): Promise<void> {
  const { results } = await run('search', found, ['--sae', sae, search])
  const [best] = results
  if (!best) throw new Error(`No feature was found by "${search}".`)
  say(`"${search}"`, `feature ${best.feature}, z ${best.score.toFixed(1)}`)
  console.log(`      ${best.example}`)
}

type Run = <T>(command: string, schema: z.ZodType<T>, args: readonly string[]) => Promise<T>

/** Runs commands in a workspace, says how long each took, and reads what it prints. */
function commands(workspace: string): Run {
  return async (command, schema, args) => {
    const begun = performance.now()
    const child = spawn(
      process.execPath,
      [here('bin/monoscope.mjs'), '--workspace', workspace, '--json', command, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [printed, said, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    if (code !== 0) throw new Error(`monoscope ${command} ended with ${code}: ${said.slice(-2000)}${printed}`)
    console.log(`  ${command} (${((performance.now() - begun) / 1000).toFixed(1)} s)`)
    return schema.parse(JSON.parse(printed))
  }
}

function say(what: string, how: string): void {
  console.log(`    ${what.padEnd(20)} ${how}`)
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}

// Steering: how soon the first token of a changed strength is there, what batches cost, and what the demo's features do.
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LoadedModel } from '../src/main/compute/loaded-model.ts'
import { FeatureIndex } from '../src/main/features/feature-index.ts'
import { resolvePlace } from '../src/main/steering/place.ts'
import { workspaceAt } from '../src/main/store/workspace.ts'
import type { SteerPlace } from '../src/shared/contract/compute-model.ts'
import { type SteeredBatch, steeredBatchSchema, STRIP_STRENGTHS } from '../src/shared/steering.ts'
import { type MeasurePoint, measureOrderSchema, type Rate } from '../src/shared/steering-effect.ts'
import { domains, type Domain, scripturePrompts } from './steering-words.ts'
import { device } from './llama.ts'
import { median, takingTurns } from './statistics.ts'

/** A workspace with a harvest of the demo, an SAE trained on it by the app's defaults, and its index. */
const WORKSPACE = process.env.MONOSCOPE_BENCH_WORKSPACE
const MODEL = fileURLToPath(new URL('../resources/demo/model', import.meta.url))

const ROUNDS = 7
/** Strengths that a slider is let go at, for the time until their first token. */
const RELEASES = 60
const [PROMPT, TOKENS] = [64, 48]
/** The wanted p95 of the first token, and the most that batches may cost beside one completion. */
const [FIRST_MS, STRIP_COST, PAIR_COST] = [150, 3, 1.4]

export async function benchSteering(): Promise<void> {
  console.log('\nSteering, demo model')
  const saes = WORKSPACE === undefined ? null : join(WORKSPACE, 'saes')
  const there =
    saes !== null &&
    (await access(saes).then(
      () => true,
      () => false,
    ))
  if (!there) {
    console.log('  Skipped: MONOSCOPE_BENCH_WORKSPACE names no workspace with an SAE of the demo.')
    return
  }
  const workspace = workspaceAt(WORKSPACE!)
  const [sae] = (await readdir(workspace.saes)).filter((id) => !id.startsWith('.'))
  const found = await resolvePlace({ sae: sae!, model: MODEL }, workspace, [])
  const place: SteerPlace = { sae: found.sae, hook: found.hook, hash: null, norm: found.norm, anyName: false }
  const model = await LoadedModel.open({
    ...{ folder: MODEL, own: null, name: 'demo', device, precision: 'auto' },
  })
  await measureTimes(model, place)
  if (process.env.MONOSCOPE_BENCH_EFFECTS !== '0') await measureEffects(model, place)
}

/** Runs a batch to its end, or to its first token; milliseconds. */
async function timed(
  model: LoadedModel,
  place: SteerPlace,
  batch: SteeredBatch,
  until: 'end' | 'first' = 'end',
): Promise<number> {
  const stop = new AbortController()
  const begun = performance.now()
  for await (const event of model.steerer.run(place, batch, stop.signal)) {
    // the unsteered text's comes before it, of the same run
    if (until === 'first' && event.type === 'tokens' && event.row === batch.rows.length) break
  }
  return performance.now() - begun
}

/** Milliseconds of all processors that the work takes. */
function spent(work: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
}

async function measureTimes(model: LoadedModel, place: SteerPlace): Promise<void> {
  const [long] = await scripturePrompts('heldout', 1, PROMPT)
  // which one it is makes no difference to the time
  const feature = 0
  const batchOf = (strengths: readonly number[], more: object = {}) =>
    steeredBatchSchema.parse({
      ...{ prompt: long, maxTokens: TOKENS, sampling: { temperature: 1 }, ...more },
      rows: strengths.map((strength) => [{ feature, strength }]),
    })
  const alone = { prompt: long!, maxTokens: TOKENS, sampling: batchOf([0]).sampling, stream: 0, stop: [] }
  const one = async () => {
    const begun = performance.now()
    for await (const event of model.generate([alone], new AbortController().signal)) void event
    return performance.now() - begun
  }
  const strip = STRIP_STRENGTHS.filter((strength) => strength !== 0)
  const sides = [
    one,
    () => timed(model, place, batchOf([1])),
    // with the unsteered text, which is the strip's 0
    () => timed(model, place, batchOf(strip)),
  ]
  const report = (unit: string, [single, pair, nine]: readonly (readonly number[])[]) => {
    const line = (name: string, side: readonly number[], most: number) => {
      const ratio = median(side.map((value, round) => value / single![round]!))
      console.log(
        `    ${name.padEnd(22)} ${median(side).toFixed(0).padStart(5)} ms of ${unit}, ${ratio.toFixed(2)} x one (wanted: below ${most})`,
      )
    }
    console.log(`    one completion         ${median(single!).toFixed(0).padStart(5)} ms of ${unit}`)
    line('unsteered and steered', pair!, PAIR_COST)
    line('a strip of nine', nine!, STRIP_COST)
  }
  console.log(`  ${TOKENS} tokens after a prompt of about ${PROMPT}, medians of ${ROUNDS} rounds in turn`)
  report('time', await takingTurns(ROUNDS, sides))
  // what else runs here takes time, and not this one's processor time
  report('processor time', await takingTurns(ROUNDS, sides.map(spent)))

  const firsts: number[] = []
  const processor: number[] = []
  for (let release = 0; release < RELEASES; release++) {
    const strength = 0.1 + (release % 20) / 10
    const first = async () => {
      firsts.push(await timed(model, place, batchOf([strength], { pinned: [feature] }), 'first'))
    }
    processor.push(await spent(first)())
  }
  console.log(
    `  first steered token of a changed strength, p50 and p95 of ${RELEASES}: ${halfAndMost(firsts)} ms (wanted: below ${FIRST_MS}), ${halfAndMost(processor)} ms of processor time`,
  )
}

function halfAndMost(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  return [0.5, 0.95].map((share) => sorted[Math.floor(share * sorted.length)]!.toFixed(0)).join(' and ')
}

/** How texts are drawn, of all arms alike: a small model repeats itself otherwise. */
const SAMPLING = { temperature: 0.5, topP: 0.95, repetitionPenalty: 1.5 }
interface Cell {
  readonly feature: number
  readonly mode: 'add' | 'clamp'
  readonly strength: number
  readonly rate: number
}

/** Features that are tried, those with most contrast in the index; added and clamped, at these strengths. */
const [CANDIDATES, STRENGTHS] = [6, [0.7, 0.85, 1, 1.15, 1.3]]
/** Of all of them so many are measured again, with so many texts of each prompt. */
const [FINALISTS, DECIDING] = [4, 8]
/** Prompts and texts of each by which feature and strength are chosen, and by which they are judged. */
const [CHOOSING, JUDGING] = [
  { prompts: 8, samples: 2 },
  { prompts: 20, samples: 5 },
]
/** Words of a prompt. */
const BEGINNING = 12
const [WANTED, AT_MOST] = [0.8, 0.05]

async function measureEffects(model: LoadedModel, place: SteerPlace): Promise<void> {
  const indexes = join(place.sae, 'indexes')
  const [harvest] = await readdir(indexes).catch(() => [])
  if (harvest === undefined)
    return console.log('  The SAE has no index: what its features do was not measured.')
  const index = await FeatureIndex.open(join(indexes, harvest))
  console.log(
    `  English scripture turned: more than half of ${TOKENS} tokens' words are the domain's own, half of them different, no 4-gram twice`,
  )
  const beginnings = {
    choosing: await scripturePrompts('demo', CHOOSING.prompts, BEGINNING),
    judging: await scripturePrompts('heldout', JUDGING.prompts, BEGINNING),
  }
  for (const domain of await domains()) {
    const measure = async (
      { feature, mode }: Pick<Cell, 'feature' | 'mode'>,
      strengths: readonly number[],
      { samples, judging }: { readonly samples: number; readonly judging: boolean },
    ) => {
      const order = measureOrderSchema.parse({
        ...{ prompts: judging ? beginnings.judging : beginnings.choosing, samples, strengths },
        ...{ sampling: SAMPLING, maxTokens: TOKENS, fluent: true, randomSeeds: judging ? [0, 1, 2] : [] },
        interventions: [{ feature, mode }],
        target: { kind: 'words', words: domain.words, above: 0.5 },
      })
      let points: readonly MeasurePoint[] = []
      for await (const event of model.steerer.measure(place, order, new AbortController().signal)) {
        if (event.type === 'points') ({ points } = event)
      }
      return points
    }
    const cells: Cell[] = []
    for (const feature of contrasting(index, domain).slice(0, CANDIDATES)) {
      for (const mode of ['add', 'clamp'] as const) {
        const points = await measure({ feature, mode }, STRENGTHS, { ...CHOOSING, judging: false })
        for (const { strength, steered } of points)
          cells.push({ feature, mode, strength, rate: steered.rate })
      }
    }
    // the best of many is partly lucky: the best few are measured again
    const finals: Cell[] = []
    for (const cell of cells.sort((a, b) => b.rate - a.rate).slice(0, FINALISTS)) {
      const [point] = await measure(cell, [cell.strength], { samples: DECIDING, judging: false })
      finals.push({ ...cell, rate: point!.steered.rate })
    }
    const [best] = finals.sort((a, b) => b.rate - a.rate)
    const judging = { ...JUDGING, judging: true }
    const [unsteered] = await measure({ ...best!, mode: 'add' }, [0], judging)
    const [point] = await measure(best!, [best!.strength], judging)
    const { steered, random } = point!
    const how = best!.mode === 'add' ? 'added' : 'held'
    console.log(
      `    ${domain.name}: feature ${best!.feature} ${how} at ${best!.strength} x the mean norm (${percent(best!.rate)} when chosen): ${said(steered)} (wanted: ${percent(WANTED)})`,
    )
    console.log(
      `      unsteered ${said(unsteered!.steered)}, random directions ${said(random!)} (wanted: below ${percent(AT_MOST)})`,
    )
    console.log(`      "${point!.example.prompt}" ${JSON.stringify(point!.example.text)}`)
  }
  await index.close()
}

/** Features by how much denser they are in the domain than where they are densest beside it. */
function contrasting(index: FeatureIndex, { language, stratum }: Domain): number[] {
  const { by_language, by_stratum } = index.columns
  const F = index.features
  const densities = (names: readonly (string | null)[], values: Float32Array, feature: number) =>
    names.map((name, place) => ({ name, density: values[feature * names.length + place]! }))
  const contrast = (feature: number) => {
    const parts = language
      ? densities(
          index.manifest.languages.map(({ name }) => name),
          by_language,
          feature,
        )
      : densities(
          index.manifest.strata.map(({ name }) => name),
          by_stratum,
          feature,
        )
    const isOwn = ({ name }: { name: string | null }) => name === (language ?? stratum)
    const elsewhere = parts.filter((part) => !isOwn(part)).map(({ density }) => density)
    return parts.find(isOwn)!.density - Math.max(...elsewhere)
  }
  return Array.from({ length: F }, (_, feature) => feature).sort((a, b) => contrast(b) - contrast(a))
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`
const said = ({ rate, low, high, texts }: Rate) =>
  `${percent(rate)} of ${texts} (${percent(low)} to ${percent(high)})`

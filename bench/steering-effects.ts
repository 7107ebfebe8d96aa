// What steering does to texts: of a domain's features the one, or the two together, that turn other beginnings most often, judged on beginnings of their own.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cpuUsage } from 'node:process'
import { FeatureIndex } from '../src/main/features/feature-index.ts'
import { hookOf } from '../src/main/llama/hook.ts'
import { Llama } from '../src/main/llama/llama.ts'
import { openCheckpoint } from '../src/main/llama/open-checkpoint.ts'
import { Tokenizer } from '../src/main/llama/tokenizer.ts'
import { readSaeFolder } from '../src/main/sae/exchange/read-sae.ts'
import { Dictionary } from '../src/main/steering/dictionary.ts'
import { isFluent, wordsOf } from '../src/main/steering/fluency.ts'
import type { ResolvedPlace } from '../src/main/steering/place.ts'
import { type Action, slotsOf } from '../src/main/steering/slots.ts'
import { measuredNorm } from '../src/main/steering/typical-norm.ts'
import { ROWS_AT_ONCE, wholeTexts } from '../src/main/steering/texts.ts'
import type { Sampling } from '../src/shared/generation.ts'
import { interventionSchema } from '../src/shared/steering.ts'
import { type Rate, rateOf } from '../src/shared/steering-effect.ts'
import { device } from './llama.ts'
import { type Domain, recognised, scripturePrompts } from './steering-words.ts'

/** Tokens of a text, the fewest words of one that counts, and words of a beginning. */
const [TOKENS, LEAST_WORDS, BEGINNING] = [48, 10, 12]
/** More than this share of a text's words must be the domain's own. */
const ABOVE = 0.5
const RANDOM_SEEDS = [0, 1, 2]
/** Wanted of what is steered; at most of what is not, and of random directions. */
const [WANTED, AT_MOST] = [0.8, 0.05]

/** How texts are drawn, and how much is tried and measured. */
export interface EffectOptions {
  /** Of all arms alike, and of the unsteered texts. */
  readonly sampling: Sampling
  /** Features that are tried: those with most contrast in the index. */
  readonly candidates: number
  /** Beginnings that each is added to alone, and how many of the features that turn most of them go on. */
  readonly screening: { readonly prompts: number; readonly features: number }
  /** Whether two features are tried together, too. */
  readonly pairs: boolean
  /** In multiples of the mean residual norm, of all features of an arm together. */
  readonly strengths: readonly number[]
  /** Rounds of choosing: how many arms are in it, each with so many beginnings that no other round had. */
  readonly rounds: readonly { readonly arms: number; readonly prompts: number }[]
  readonly judging: { readonly prompts: number; readonly samples: number }
}

/** What is done to a text: features in equal parts, added or held. */
interface Arm {
  readonly features: readonly number[]
  readonly mode: 'add' | 'clamp'
  readonly strength: number
}

interface Bench {
  readonly sampling: Sampling
  readonly model: Llama
  readonly vocabulary: Tokenizer
  readonly dictionary: Dictionary
  readonly norm: number
}

/** Prints of each domain what was chosen and how often it turns texts; whether all did so often enough, and nothing else did. */
export async function measureEffects(
  place: ResolvedPlace,
  domains: readonly Domain[],
  options: EffectOptions,
): Promise<boolean> {
  const [harvest] = await readdir(join(place.sae, 'indexes')).catch(() => [])
  if (harvest === undefined) {
    console.log('  The SAE has no index: what its features do was not measured.')
    return false
  }
  console.log(
    `  English scripture turned: of ${TOKENS} tokens ${LEAST_WORDS} words or more, over half of them the domain's own, half of them different, no 4-gram twice`,
  )
  const index = await FeatureIndex.open(join(place.sae, 'indexes', harvest))
  const bench = await openBench(place, options.sampling)
  const choosing = [options.screening, ...options.rounds].reduce((sum, { prompts }) => sum + prompts, 0)
  const beginnings = {
    choosing: await scripturePrompts('demo', choosing, BEGINNING),
    judging: await scripturePrompts('heldout', options.judging.prompts, BEGINNING),
  }
  let met = true
  try {
    for (const domain of domains) {
      const before = cpuUsage()
      const best = await chosen(bench, domain, {
        ...options,
        features: contrasting(index, domain).slice(0, options.candidates),
        prompts: beginnings.choosing,
      })
      const judged = await judge(bench, domain, best.arm, beginnings.judging, options.judging.samples)
      const { user, system } = cpuUsage(before)
      const { steered, unsteered, random, example } = judged
      console.log(
        `    ${domain.name}: ${armWords(best.arm)} (${said(best.rate)} when chosen): ${said(steered)} (wanted: ${percent(WANTED)})`,
      )
      console.log(
        `      unsteered ${said(unsteered)}, random directions ${said(random)} (wanted: below ${percent(AT_MOST)}); ${((user + system) / 1e6).toFixed(0)} s of processor time`,
      )
      const { own, others } = await recognised(domain)
      console.log(
        `      by its list ${percent(own)} of held-out passages of the domain are its own, of other domains at most ${percent(others)}`,
      )
      console.log(`      "${example.prompt}" ${JSON.stringify(example.text)}`)
      met &&= steered.rate >= WANTED && unsteered.rate < AT_MOST && random.rate < AT_MOST
    }
  } finally {
    await Promise.all([bench.model.close(), index.close()])
  }
  return met
}

async function openBench(place: ResolvedPlace, sampling: Sampling): Promise<Bench> {
  const [checkpoint, vocabulary, { sae }] = await Promise.all([
    openCheckpoint(place.model.folder),
    Tokenizer.open(place.model.folder),
    readSaeFolder(place.sae),
  ])
  const dictionary = new Dictionary(sae)
  const encoder = dictionary.encoder(device)
  const hook = hookOf(place.hook, checkpoint.config)
  const model = await Llama.open(checkpoint, { device, hook, ...(encoder && { encoder }) })
  const norm = place.norm?.mean ?? (await measuredNorm(model, vocabulary))
  return { sampling, model, vocabulary, dictionary, norm }
}

/** Features alone, and two together where that is asked for, each way and at each strength. */
function armsOf(
  features: readonly number[],
  { strengths, pairs: wanted }: Pick<EffectOptions, 'strengths' | 'pairs'>,
): Arm[] {
  const alone = features.map((feature) => [feature])
  const pairs = !wanted
    ? []
    : features.flatMap((one, at) => features.slice(at + 1).map((other) => [one, other]))
  return [...alone, ...pairs].flatMap((chosen) =>
    (['add', 'clamp'] as const).flatMap((mode) =>
      strengths.map((strength): Arm => ({ features: chosen, mode, strength })),
    ),
  )
}

/** Two directions that have little to do with one another are together √2 times as long as each. */
function actionsOf({ features, mode, strength }: Arm): Action[] {
  return features.map((feature) =>
    interventionSchema.parse({ feature, mode, strength: strength / Math.sqrt(features.length) }),
  )
}

interface Choice extends Pick<EffectOptions, 'strengths' | 'pairs' | 'screening' | 'rounds'> {
  readonly features: readonly number[]
  readonly prompts: readonly string[]
}

interface Tally {
  readonly arm: Arm
  hits: number
  texts: number
}

/** The arm that turned most texts of its beginnings: of each round only the best go on to the next. */
async function chosen(
  bench: Bench,
  domain: Domain,
  { features, prompts, strengths, pairs, screening, rounds }: Choice,
): Promise<{ readonly arm: Arm; readonly rate: Rate }> {
  let from = 0
  /** Those that were as good stay in their order, that of their contrast. */
  const run = async (tallies: readonly Tally[], count: number): Promise<Tally[]> => {
    await addTexts(bench, domain, tallies, { prompts: prompts.slice(from, from + count), stream: from })
    from += count
    return tallies.toSorted((a, b) => b.hits / b.texts - a.hits / a.texts)
  }
  const alone = features.flatMap((feature) =>
    strengths.map((strength): Arm => ({ features: [feature], mode: 'add', strength })),
  )
  const screened = await run(alone.map(untried), screening.prompts)
  const good = [...new Set(screened.map(({ arm }) => arm.features[0]!))].slice(0, screening.features)
  let tallies = armsOf(good, { strengths, pairs }).map(untried)
  for (const round of rounds) tallies = await run(tallies.slice(0, round.arms), round.prompts)
  const [best] = tallies
  return { arm: best!.arm, rate: rateOf(best!.hits, best!.texts) }
}

const untried = (arm: Arm): Tally => ({ arm, hits: 0, texts: 0 })

/** One text of each arm after each beginning. */
async function addTexts(
  bench: Bench,
  domain: Domain,
  tallies: readonly Tally[],
  { prompts, stream }: { readonly prompts: readonly string[]; readonly stream: number },
): Promise<void> {
  const turns = turnedInto(domain)
  for (const [at, prompt] of prompts.entries()) {
    const rows = tallies.map(({ arm }) => ({ actions: actionsOf(arm), stream: stream + at }))
    const texts = await textsOf(bench, prompt, rows)
    for (const [place, tally] of tallies.entries()) {
      tally.texts++
      if (turns(texts[place]!)) tally.hits++
    }
  }
}

async function judge(bench: Bench, domain: Domain, arm: Arm, prompts: readonly string[], samples: number) {
  const turns = turnedInto(domain)
  const strength = lengthOf(bench, arm)
  const ways: readonly { readonly of: 'steered' | 'unsteered' | 'random'; readonly actions: Action[] }[] = [
    { of: 'steered', actions: actionsOf(arm) },
    { of: 'unsteered', actions: [] },
    ...RANDOM_SEEDS.map((seed) => ({
      of: 'random' as const,
      actions: [{ mode: 'random' as const, seed, strength }],
    })),
  ]
  const rows = ways.flatMap(({ of, actions }) =>
    Array.from({ length: samples }, (_, stream) => ({ of, actions, stream })),
  )
  const tallies = { steered: [0, 0], unsteered: [0, 0], random: [0, 0] }
  let example = { prompt: '', text: '' }
  for (const prompt of prompts) {
    for (const [at, text] of (await textsOf(bench, prompt, rows)).entries()) {
      const { of } = rows[at]!
      const hit = turns(text)
      tallies[of][0]! += Number(hit)
      tallies[of][1]!++
      if (hit && of === 'steered' && example.text === '') example = { prompt, text }
    }
  }
  const rate = (of: keyof typeof tallies) => rateOf(tallies[of][0]!, tallies[of][1]!)
  return { steered: rate('steered'), unsteered: rate('unsteered'), random: rate('random'), example }
}

/** How far the arm's features move the stream together, in multiples of the mean residual norm. */
function lengthOf({ dictionary }: Bench, { features, strength }: Arm): number {
  const sum = new Float64Array(dictionary.sae.D)
  for (const feature of features) {
    const { direction } = dictionary.feature(feature)
    const length = Math.hypot(...direction)
    for (const [d, x] of direction.entries()) sum[d]! += x / length
  }
  return (strength / Math.sqrt(features.length)) * Math.hypot(...sum)
}

async function textsOf(
  { sampling, model, vocabulary, dictionary, norm }: Bench,
  prompt: string,
  rows: readonly { readonly actions: readonly Action[]; readonly stream: number }[],
): Promise<string[]> {
  const { ids } = vocabulary.encodePrompt(prompt)
  const { signal } = new AbortController()
  const texts: string[] = []
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const chosen = rows.slice(from, from + ROWS_AT_ONCE)
    const { features, rows: doses } = slotsOf(dictionary, norm, {
      rows: chosen.map(({ actions }) => actions),
      pinned: [],
    })
    const orders = chosen.map(({ stream }, at) => ({
      ...{ prompt: ids, sampling, stream, maxTokens: TOKENS, stop: [], doses: doses[at]! },
    }))
    const made = await wholeTexts(model, vocabulary, orders, { features, special: true, signal })
    texts.push(...made.map(({ text }) => text))
  }
  return texts
}

function turnedInto({ words: own }: Domain): (text: string) => boolean {
  const known = new Set(own)
  return (text) => {
    const words = wordsOf(text)
    const found = words.filter((word) => known.has(word)).length
    return words.length >= LEAST_WORDS && found / words.length > ABOVE && isFluent(words)
  }
}

/** Features by how much denser they are in the domain than where they are densest beside it. */
function contrasting(index: FeatureIndex, { language, stratum }: Domain): number[] {
  const { by_language, by_stratum } = index.columns
  const { languages, strata } = index.manifest
  const [groups, values] = language === null ? [strata, by_stratum] : [languages, by_language]
  const contrasts = Float32Array.from({ length: index.features }, (_, feature) => {
    const densities = groups.map(({ name }, place) => ({
      ...{ own: name === (language ?? stratum), density: values[feature * groups.length + place]! },
    }))
    const elsewhere = densities.filter(({ own }) => !own).map(({ density }) => density)
    return densities.find(({ own }) => own)!.density - Math.max(...elsewhere)
  })
  return Array.from({ length: index.features }, (_, feature) => feature).sort(
    (a, b) => contrasts[b]! - contrasts[a]!,
  )
}

function armWords({ features, mode, strength }: Arm): string {
  const which = features.length === 1 ? `feature ${features[0]}` : `features ${features.join(' and ')}`
  return `${which} ${mode === 'add' ? 'added' : 'held'} at ${strength} x the mean norm`
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`
const said = ({ rate, low, high, texts }: Rate) =>
  `${percent(rate)} of ${texts} (${percent(low)} to ${percent(high)})`

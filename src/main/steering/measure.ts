// A measured effect: how often texts have what is wanted, by strength, beside directions drawn by chance.
import { assertSlider, withStrength } from '../../shared/steering.ts'
import {
  type MeasureEvent,
  type MeasureOrder,
  type MeasurePoint,
  rateOf,
} from '../../shared/steering-effect.ts'
import { isFluent, wordsOf } from './fluency.ts'
import { score } from './score.ts'
import { type Action, slotsOf } from './slots.ts'
import type { Workbench } from './sweep.ts'
import { ROWS_AT_ONCE, type WholeText, wholeTexts } from './texts.ts'

interface Prompt {
  readonly text: string
  /** Tokens, BOS included. */
  readonly ids: readonly number[]
}

/** Texts of one strength, by the feature or by chance. */
interface Arm {
  readonly strength: number
  readonly random: boolean
  readonly actions: readonly Action[]
}

interface Tally {
  texts: number
  hits: number
}

/** `special` tells whether special tokens are steered. Throws `steering/slider`, and as `generate` does. */
export async function* measure(
  bench: Workbench,
  order: MeasureOrder,
  prompts: readonly Prompt[],
  special: boolean,
): AsyncGenerator<MeasureEvent, void> {
  const { model, vocabulary, dictionary, facts, signal } = bench
  const { interventions, slider, strengths, samples, target, sampling, maxTokens, stop } = order
  assertSlider(interventions, slider)
  yield { type: 'facts', facts }
  const arms = armsOf(order)
  const pinned = target.kind === 'feature' ? [target.feature] : []
  const { features, rows } = slotsOf(dictionary, facts.norm, {
    rows: arms.map(({ actions }) => actions),
    pinned,
  })
  const judge = judgeOf(order)
  const tallies = arms.map((): Tally => ({ texts: 0, hits: 0 }))
  const examples = new Map<number, MeasurePoint['example']>()
  const runs = arms.flatMap((_, arm) => Array.from({ length: samples }, (_none, sample) => ({ arm, sample })))
  const total = prompts.length * runs.length
  let done = 0
  for (const prompt of prompts) {
    for (let from = 0; from < runs.length; from += ROWS_AT_ONCE) {
      const chosen = runs.slice(from, from + ROWS_AT_ONCE)
      const texts = await wholeTexts(
        model,
        vocabulary,
        chosen.map(({ arm, sample }) => ({
          ...{ prompt: prompt.ids, sampling, maxTokens, stop, doses: rows[arm]! },
          stream: (order.stream + sample) >>> 0,
        })),
        { features, special, signal },
      )
      for (const [index, { arm }] of chosen.entries()) {
        const text = texts[index]!
        const hit = await judge(text, (ids) => highestOf(bench, prompt, ids, features))
        tallies[arm]!.texts++
        if (hit) tallies[arm]!.hits++
        const { strength, random } = arms[arm]!
        // one that counts shows what is meant
        if (!random && (hit || !examples.has(strength)) && !examples.get(strength)?.hit) {
          examples.set(strength, { prompt: prompt.text, text: text.text, hit })
        }
      }
      done += chosen.length
      yield { type: 'progress', done, total }
    }
    yield { type: 'points', points: strengths.map((strength) => pointOf(strength, arms, tallies, examples)) }
  }
}

/** Interventions at each strength; then, where something is added, chance in the place of the slider's. */
function armsOf({ interventions, slider, strengths, randomSeeds }: MeasureOrder): Arm[] {
  const steered = strengths.map((strength) => ({
    ...{ strength, random: false },
    actions: withStrength(interventions, slider, strength),
  }))
  const byChance = strengths
    .filter((strength) => strength !== 0)
    .flatMap((strength) =>
      randomSeeds.map((seed) => ({
        ...{ strength, random: true },
        actions: interventions.map((intervention, place): Action => {
          if (place !== slider) return intervention
          const { where } = intervention
          return { mode: 'random', seed, strength, ...(where && { where }) }
        }),
      })),
    )
  return [...steered, ...byChance]
}

type Judge = (text: WholeText, highest: (ids: readonly number[]) => Promise<number>) => Promise<boolean>

function judgeOf({ target, fluent }: MeasureOrder): Judge {
  const wanted = target.kind === 'words' ? new Set(target.words.flatMap(wordsOf)) : null
  return async ({ text, ids }, highest) => {
    const words = wordsOf(text)
    if (fluent && !isFluent(words)) return false
    if (target.kind === 'feature') return ids.length > 0 && (await highest(ids)) > target.threshold
    const found = words.filter((word) => wanted!.has(word)).length
    return words.length > 0 && found / words.length > target.above
  }
}

/** The greatest activation of the first feature along a text, as the unsteered model reads it. */
async function highestOf(
  { model, signal }: Workbench,
  prompt: Prompt,
  ids: readonly number[],
  features: Parameters<typeof score>[1]['features'],
): Promise<number> {
  signal.throwIfAborted()
  const doses = features.map(() => null)
  const { activations } = await score(model, {
    ...{ prompt: prompt.ids, ids, features, doses, pinned: 1 },
    steers: () => false,
  })
  return Math.max(...activations.map(([activation]) => activation!))
}

function pointOf(
  strength: number,
  arms: readonly Arm[],
  tallies: readonly Tally[],
  examples: ReadonlyMap<number, MeasurePoint['example']>,
): MeasurePoint {
  const rate = (random: boolean) => {
    const own = tallies.filter((_, arm) => arms[arm]!.strength === strength && arms[arm]!.random === random)
    const sum = (of: keyof Tally) => own.reduce((total, tally) => total + tally[of], 0)
    return own.length === 0 ? null : rateOf(sum('hits'), sum('texts'))
  }
  return { strength, steered: rate(false)!, random: rate(true), example: examples.get(strength)! }
}

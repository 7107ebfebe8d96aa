// The steering of the demo: English beginnings turned into Spanish by the feature that tells the two apart best, kept as a session.
import type { TaskOutcome } from './demo-run.ts'
import type { DemoMade } from '../../../shared/demo.ts'
import type { EndReason } from '../../../shared/generation.ts'
import { interventionSchema, type SteeringEvent, type SteeringFacts } from '../../../shared/steering.ts'
import { steeringSetupSchema } from '../../../shared/steering-sessions.ts'
import { isFluent, wordsOf } from '../../steering/fluency.ts'
import type { FeatureIndexes } from '../feature-indexes.ts'
import type { Sessions } from '../sessions.ts'
import type { Steering } from '../steering.ts'
import { steeringSets } from '../steering-sets.ts'
import { spanishFeatures } from './spanish-features.ts'

export interface SteerOnceParts {
  readonly indexes: Pick<FeatureIndexes, 'read'>
  readonly steering: Pick<Steering, 'run'>
  readonly sessions: Pick<Sessions, 'save' | 'addRun'>
}

const NAME = 'Demo: English turned into Spanish'
const PROMPT = 'In the beginning'
const TOKENS = 48
/** A small model repeats itself otherwise. */
const SAMPLING = { temperature: 0.5, repetitionPenalty: 1.5 }
/** Of the features with most contrast so many are tried, each at these strengths, all in one batch. */
const [CANDIDATES, STRENGTHS] = [3, [0.5, 0.75, 1]]

interface Text {
  text: string
  end: EndReason | null
}

/** Rejects as steering does, and with a cancellation once `signal` aborts. */
export async function steerOnce(
  { indexes, steering, sessions }: SteerOnceParts,
  { sae, index }: DemoMade,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const place = { sae: sae!, harvest: index! }
  const candidates = await spanishFeatures(indexes, place, CANDIDATES)
  const interventions = candidates.flatMap((feature) =>
    STRENGTHS.map((strength) => interventionSchema.parse({ feature, strength })),
  )
  const setup = (steered: typeof interventions) =>
    steeringSetupSchema.parse({
      ...{ sae, interventions: steered, prompt: PROMPT, sampling: SAMPLING, maxTokens: TOKENS },
    })
  const rows = interventions.map((intervention) => [intervention])
  const { texts, facts, tokensPerSecond } = await generated(
    steering,
    { ...setup([]), rows },
    rows.length,
    signal,
  )
  const [unsteered, ...steered] = texts
  const best = await mostSpanish(steered.map(({ text }) => text))
  const chosen = interventions[best]!
  const kept = [
    { interventions: [], ...unsteered! },
    { interventions: [chosen], ...steered[best]! },
  ]
  const session = sessions.save({ name: NAME, setup: setup([chosen]) })
  sessions.addRun(session.id, { at: Date.now(), setup: setup([chosen]), facts, rows: kept })
  return {
    made: { session: session.id },
    figures: {
      ...{ feature: chosen.feature, strength: chosen.strength, tokensPerSecond },
      ...{ prompt: PROMPT, baseline: unsteered!.text, steered: steered[best]!.text },
    },
  }
}

/** The place of the text with the largest share of common Spanish words, of those that do not say one thing again and again. */
async function mostSpanish(texts: readonly string[]): Promise<number> {
  const set = (await steeringSets()).find(({ id }) => id === 'spanish')
  const common = new Set(set?.targets.flatMap(({ words }) => words))
  const scores = texts.map((text) => {
    const words = wordsOf(text)
    const share = words.filter((word) => common.has(word)).length / Math.max(1, words.length)
    return isFluent(words) ? 1 + share : share
  })
  return scores.indexOf(Math.max(...scores))
}

async function generated(
  steering: Pick<Steering, 'run'>,
  order: Parameters<Steering['run']>[0] & Parameters<Steering['run']>[1],
  steered: number,
  signal: AbortSignal,
) {
  const texts = Array.from({ length: steered + 1 }, (): Text => ({ text: '', end: null }))
  let facts: SteeringFacts | undefined
  let tokensPerSecond: number | null = null
  const event = (told: SteeringEvent) => {
    if (told.type === 'facts') ({ facts } = told)
    else if (told.type === 'tokens') texts[told.row]!.text += told.tokens.map(({ text }) => text).join('')
    else if (told.type === 'end') texts[told.row]!.end = told.reason
    else if (told.type === 'done') ({ tokensPerSecond } = told)
  }
  await steering.run(order, order, { waiting: () => undefined, event }, signal)
  if (!facts) throw new Error('The steering ended without saying where it steered.')
  return { texts, facts, tokensPerSecond }
}

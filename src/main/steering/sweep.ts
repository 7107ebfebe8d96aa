// A sweep: texts at every strength of one intervention, what the strength does to the model, and what it costs in fluency.
import { assertSlider, type SteeringFacts, withStrength } from '../../shared/steering.ts'
import type { SweepEvent, SweepOrder, SweepPoint } from '../../shared/steering-effect.ts'
import type { Llama } from '../llama/llama.ts'
import type { Vocabulary } from '../llama/token-text.ts'
import type { Dictionary } from './dictionary.ts'
import { distinctShare, repeatedShare, wordsOf } from './fluency.ts'
import { type Scored, score } from './score.ts'
import { slotsOf } from './slots.ts'
import { ROWS_AT_ONCE, wholeTexts } from './texts.ts'

/** What texts are made with. */
export interface Workbench {
  readonly model: Llama
  readonly vocabulary: Vocabulary
  readonly dictionary: Dictionary
  readonly facts: SteeringFacts
  readonly signal: AbortSignal
}

/** `prompt` are tokens, BOS included; `special` tells whether special tokens are steered. Throws `steering/slider`, and as `generate` does. */
export async function* sweep(
  { model, vocabulary, dictionary, facts, signal }: Workbench,
  order: SweepOrder,
  prompt: readonly number[],
  special: boolean,
): AsyncGenerator<SweepEvent, void> {
  const { interventions, slider, strengths, samples, sampling, stream, maxTokens, stop, pinned } = order
  assertSlider(interventions, slider)
  yield { type: 'facts', facts }
  const { features, rows } = slotsOf(dictionary, facts.norm, {
    rows: strengths.map((strength) => withStrength(interventions, slider, strength)),
    pinned,
  })
  const total = strengths.length * samples
  const each = Math.max(1, Math.floor(ROWS_AT_ONCE / samples))
  for (let from = 0; from < strengths.length; from += each) {
    const places = strengths.slice(from, from + each).map((_, index) => from + index)
    const made = await wholeTexts(
      model,
      vocabulary,
      places.flatMap((place) =>
        Array.from({ length: samples }, (_, sample) => ({
          ...{ prompt, sampling, maxTokens, stop, doses: rows[place]! },
          stream: (stream + sample) >>> 0,
        })),
      ),
      { features, special, signal },
    )
    for (const [index, place] of places.entries()) {
      const own = made.slice(index * samples, (index + 1) * samples)
      const scored: Scored[] = []
      for (const { ids } of own) {
        signal.throwIfAborted()
        if (ids.length === 0) continue
        const steers = (id: number) => special || !vocabulary.isSpecial(id)
        scored.push(
          await score(model, { prompt, ids, features, doses: rows[place]!, pinned: pinned.length, steers }),
        )
      }
      const texts = own.map(({ text }) => text)
      yield { type: 'point', point: pointOf(strengths[place]!, texts, scored, pinned.length) }
      yield { type: 'progress', done: (place + 1) * samples, total }
    }
  }
}

function pointOf(
  strength: number,
  texts: readonly string[],
  scored: readonly Scored[],
  pinned: number,
): SweepPoint {
  const sum = (of: (one: Scored) => number) => scored.reduce((total, one) => total + of(one), 0)
  const tokens = Math.max(
    1,
    sum((one) => one.tokens),
  )
  const mean = (of: (words: string[]) => number) =>
    texts.reduce((total, text) => total + of(wordsOf(text)), 0) / texts.length
  return {
    ...{ strength, texts: [...texts] },
    kl: sum(({ kl }) => kl) / tokens,
    perplexity: Math.exp(sum(({ surprise }) => surprise) / tokens),
    distinct: mean(distinctShare),
    repeated: mean(repeatedShare),
    activations: Array.from(
      { length: pinned },
      (_, slot) =>
        sum(({ activations }) => activations.reduce((total, row) => total + row[slot]!, 0)) / tokens,
    ),
  }
}

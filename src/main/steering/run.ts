// One steered batch: the unsteered text and the steered ones side by side, with one prompt and one noise.
// Letters: P pinned features, S slots.
import type { Sampling } from '../../shared/generation.ts'
import type { SteeringEvent, SteeringFacts } from '../../shared/steering.ts'
import { type Forwarder, generate, type ObservedRun } from '../llama/generate.ts'
import type { Vocabulary } from '../llama/token-text.ts'
import { TokenText } from '../llama/token-text.ts'
import type { Slots } from './slots.ts'

export interface SteeredRun {
  /** Tokens to continue, BOS included. */
  readonly prompt: readonly number[]
  /** What the steered rows continue where that is another. */
  readonly steeredPrompt?: readonly number[] | undefined
  /** Row 0 is the unsteered one. */
  readonly slots: Slots
  readonly pinned: number
  readonly sampling: Sampling
  readonly stream: number
  readonly maxTokens: number
  readonly stop: readonly string[]
  /** Special tokens are steered, too. */
  readonly special: boolean
  readonly facts: SteeringFacts
}

/** Throws as `generate` does. */
export async function* steeredRun(
  model: Forwarder,
  vocabulary: Vocabulary,
  run: SteeredRun,
  signal: AbortSignal,
): AsyncGenerator<SteeringEvent, void> {
  const { prompt, slots, pinned, sampling, stream, maxTokens, stop, special } = run
  yield { type: 'facts', facts: run.facts }
  const rows = slots.rows.map((doses, row) => ({
    ...{ prompt: row === 0 ? prompt : (run.steeredPrompt ?? prompt) },
    ...{ sampling, stream, maxTokens, stop, doses },
  }))
  const watch = new Watch(
    rows.map((row) => row.prompt.length),
    pinned,
  )
  const begun = performance.now()
  let firstTokenMs: number | undefined
  const events = generate(model, vocabulary, rows, {
    ...{ signal, steering: { features: slots.features, sparesSpecial: !special } },
    runsLast: pinned > 0,
    onRun: (observed) => {
      // the second run begins when all first tokens are drawn
      if (watch.runs === 1) firstTokenMs ??= performance.now() - begun
      watch.take(observed)
    },
  })
  for await (const event of events) {
    yield* watch.reads()
    switch (event.type) {
      case 'prompt':
        yield {
          ...{ type: 'prompt', tokens: promptTokens(vocabulary, prompt) },
          steered: (run.steeredPrompt ?? prompt).length,
        }
        break
      case 'tokens':
        yield {
          ...event,
          tokens: event.tokens.map((token) => ({ ...token, kl: watch.nextKl(event.row) })),
        }
        break
      case 'end':
        yield event
        break
      case 'done':
        yield { ...event, firstTokenMs: firstTokenMs ?? performance.now() - begun }
    }
  }
}

/** Collects what every run of the model tells beside its tokens. */
class Watch {
  runs = 0
  /** Tokens of each row's prompt. */
  readonly #prompts: readonly number[]
  readonly #pinned: number
  /** Of each row, for tokens that are not told yet. */
  readonly #kls: (number | null)[][]
  /** Tokens of each row whose activations were taken. */
  readonly #read: number[]
  #pending: SteeringEvent[] = []

  constructor(prompts: readonly number[], pinned: number) {
    this.#prompts = prompts
    this.#pinned = pinned
    this.#kls = prompts.map(() => [])
    this.#read = prompts.map(() => 0)
  }

  take({ rows, drawn, kls, features }: ObservedRun): void {
    this.runs++
    // texts with prompts of another length run after the unsteered one
    const besideBaseline = rows[0] === 0 && !drawn[0]!.ended
    for (const [place, { count, ended }] of drawn.entries()) {
      const row = rows[place]!
      this.#takeReads({ row, place, rows: rows.length }, count, features)
      if (ended) continue
      this.#kls[row]!.push(besideBaseline ? kls[place]! : null)
    }
  }

  nextKl(row: number): number | null {
    return this.#kls[row]!.shift() ?? null
  }

  *reads(): Generator<SteeringEvent> {
    yield* this.#pending.splice(0)
  }

  /** `features` (B, T, S) with the pinned ones first. */
  #takeReads(
    { row, place, rows }: { readonly row: number; readonly place: number; readonly rows: number },
    count: number,
    features: Float32Array | null,
  ): void {
    if (this.#pinned === 0 || !features) return
    const prompt = this.#prompts[row]!
    const T = this.#read[row] === 0 ? prompt : 1
    // a text that has ended is given its last token again and again
    if (this.#read[row]! + T > prompt + count) return
    this.#read[row]! += T
    const S = features.length / (rows * T)
    const values: number[] = []
    for (let token = 0; token < T; token++) {
      const at = (place * T + token) * S
      for (let slot = 0; slot < this.#pinned; slot++) values.push(features[at + slot]!)
    }
    this.#pending.push({ type: 'reads', row, values })
  }
}

function promptTokens(vocabulary: Vocabulary, prompt: readonly number[]) {
  const text = new TokenText(vocabulary, { special: true, continues: true })
  return prompt.map((id) => ({ id, text: text.push(id), special: vocabulary.isSpecial(id) }))
}

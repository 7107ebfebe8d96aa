// Generation: rows of one batch, each with a prompt, knobs and noise of its own, a token a run, told as they come.
import { cancelled, expected } from '../../shared/errors.ts'
import type { GenerationEvent, Sampling } from '../../shared/generation.ts'
import { release } from '../onnx/tensor.ts'
import { batchOf } from './batch.ts'
import { Completion } from './completion.ts'
import type { LlamaConfig } from './config.ts'
import type { Cache } from './cache.ts'
import type { Forward, Llama } from './llama.ts'
import { noise } from './noise.ts'
import { readOut } from './readout.ts'
import { Sampler } from './sampler.ts'
import type { Steering } from './steering.ts'
import type { Vocabulary } from './token-text.ts'

/** What it asks of a model. */
export type Forwarder = Pick<Llama, 'forward' | 'positions'> & {
  readonly config: Pick<LlamaConfig, 'vocabulary' | 'eosIds'>
}

export interface GenerationRow {
  /** Tokens to continue, BOS included. */
  readonly prompt: readonly number[]
  readonly sampling: Sampling
  /** Rows with different numbers draw differently though their seed is the same; those with the same draw alike. */
  readonly stream: number
  readonly maxTokens: number
  readonly stop: readonly string[]
  /** Of each feature that steers; without it the row is left alone. */
  readonly doses?: Steering['rows'][number]
}

/** One run of the model, of the rows with these indices. */
export interface ObservedRun {
  readonly rows: readonly number[]
  /** Tokens of each text so far, and whether it has ended: then it is given its last token again and again. */
  readonly drawn: readonly { readonly count: number; readonly ended: boolean }[]
  /** (rows): KL of each one's next token to the first one's, in nats. */
  readonly kls: Float32Array
  /** Activations of the features that steer, before steering; null without any. */
  readonly features: Forward['features']
}

interface GenerateOptions {
  readonly signal?: AbortSignal
  /** Told of every run before tokens are drawn from it. */
  readonly onRun?: (run: ObservedRun) => void
  /** Also the last tokens of texts are run, if they fit the context, for `onRun` to be told of. */
  readonly runsLast?: boolean
  readonly steering?: {
    readonly features: Steering['features']
    /** Leave special tokens alone. */
    readonly sparesSpecial: boolean
  }
}

interface Live {
  readonly index: number
  readonly row: GenerationRow
  readonly completion: Completion
  /** Every token there was, for the repetition penalty. */
  readonly seen: Set<number>
  last: number
}

/**
 * Generates all rows and tells of each what it shows and how it ended, and at last how fast it was. Rows with prompts of one length run as one batch,
 * the groups one after the other; a row's text depends on its own prompt, knobs, seed and stream alone. A prompt must
 * leave room in the context (`generate/empty`, `generate/context` before anything runs); a text that fills it ends there
 * with the reason "context". Aborting the signal throws `cancelled` after at most one more run.
 */
export async function* generate(
  model: Forwarder,
  vocabulary: Vocabulary,
  rows: readonly GenerationRow[],
  options: GenerateOptions = {},
): AsyncGenerator<GenerationEvent, void> {
  const { positions } = model
  const { eosIds } = model.config
  for (const { prompt } of rows) checkPrompt(prompt, positions)
  const groups = new Map<number, Live[]>()
  for (const [index, row] of rows.entries()) {
    const { prompt, stop, maxTokens } = row
    const room = positions - prompt.length
    const completion = new Completion({ vocabulary, eosIds, stop, maxTokens, room })
    const live = { index, row, completion, seen: new Set(prompt), last: 0 }
    groups.set(prompt.length, [...(groups.get(prompt.length) ?? []), live])
  }
  const sampler = new Sampler()
  yield { type: 'prompt', tokens: rows.map(({ prompt }) => prompt.length) }
  let tokens = 0
  let seconds = 0
  for (const group of groups.values()) {
    const later = yield* generateGroup(model, sampler, vocabulary, group, options)
    tokens += later.tokens
    seconds += later.seconds
  }
  yield { type: 'done', tokensPerSecond: tokens > 0 ? tokens / seconds : null }
}

/** Returns how many tokens came after the first of each row, and how long they took. */
async function* generateGroup(
  model: Forwarder,
  sampler: Sampler,
  vocabulary: Vocabulary,
  group: readonly Live[],
  { signal, steering, onRun, runsLast = false }: GenerateOptions,
): AsyncGenerator<GenerationEvent, { tokens: number; seconds: number }> {
  const V = model.config.vocabulary
  const run = async (rows: readonly (readonly number[])[], before?: Cache) => {
    await turn(signal)
    const batch = batchOf(rows)
    const { tokens } = batch
    const logitsAt = Int32Array.from(rows, (_row, place) => (place + 1) * tokens - 1)
    const doses = steering && steeringOf(steering, group, rows, vocabulary)
    const lengths = batch.lengths.map((length) => length + (before?.tokens ?? 0))
    const { logits, logSums, features, cache } = await model.forward(
      { ...batch, lengths },
      { logitsAt, ...(before && { cache: before }), ...(doses && { steering: doses }) },
    )
    // it shows what no comparison of logits notices: a NaN among them
    if (group.some(({ completion }, place) => !completion.end && !Number.isFinite(logSums[place])))
      throw notFinite()
    const { odds, kls } = await readOut(
      { logits, logSums },
      group.map(({ row: { sampling }, seen }) => ({ ...sampling, seen })),
    )
    const drawn = group.map(({ completion: { count, end } }) => ({ count, ended: end !== null }))
    onRun?.({ rows: group.map(({ index }) => index), drawn, kls, features })
    return { logits, logSums, odds, cache }
  }
  let { logits, logSums, odds, cache } = await run(group.map(({ row }) => row.prompt))
  const begun = performance.now()
  for (let step = 0; ; step++) {
    for (const [place, live] of group.entries()) {
      const { row, completion, seen, index } = live
      if (completion.end) continue
      const { sampling, stream } = row
      const own = odds.subarray(place * V, (place + 1) * V)
      const id = sampler.draw(own, sampling, noise(sampling.seed, stream, step))
      live.last = id
      seen.add(id)
      const logProbability = logits[place * V + id]! - logSums[place]!
      const { tokens, end } = completion.take({ id, logProbability })
      if (tokens.length > 0) yield { type: 'tokens', row: index, tokens }
      if (end) yield { type: 'end', row: index, reason: end }
    }
    // collecting them as garbage takes a third as long as the runs of a small model
    release(logits, odds)
    if (group.every(({ completion }) => completion.end)) break
    // rows that have ended run along: what they are given changes nothing for the others
    const next = group.map(({ last }) => [last])
    ;({ logits, logSums, odds, cache } = await run(next, cache))
  }
  const tokens = group.reduce((sum, { completion }) => sum + completion.count - 1, 0)
  const seconds = (performance.now() - begun) / 1000
  if (runsLast && cache.tokens < model.positions)
    await run(
      group.map(({ last }) => [last]),
      cache,
    )
  return { tokens, seconds }
}

/** What steers the tokens that run now. */
function steeringOf(
  { features, sparesSpecial }: NonNullable<GenerateOptions['steering']>,
  group: readonly Live[],
  rows: readonly (readonly number[])[],
  vocabulary: Vocabulary,
): Steering {
  const doses = group.map(({ row }) => row.doses ?? features.map(() => null))
  if (!sparesSpecial) return { features, rows: doses }
  const tokens = Uint8Array.from(rows.flat(), (id) => Number(!vocabulary.isSpecial(id)))
  return { features, rows: doses, tokens }
}

/** A turn of the event loop between two runs, so that a cancellation that has arrived is seen. */
async function turn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  if (signal?.aborted) throw cancelled()
}

function checkPrompt(prompt: readonly number[], positions: number): void {
  if (prompt.length === 0) {
    throw expected(
      'generate/empty',
      'The prompt has no tokens, and the model has no token to begin a text with.',
      'Type something to continue.',
    )
  }
  if (prompt.length >= positions) {
    throw expected(
      'generate/context',
      `The prompt has ${prompt.length} tokens; the model's context has ${positions}, and the completion needs some.`,
      `Shorten the prompt to at most ${positions - 1} tokens.`,
    )
  }
}

function notFinite() {
  return expected(
    'generate/not-finite',
    'The model gave numbers that are not finite, so no token can be chosen.',
    'Lower the steering strength, or run the model in float32; if neither helps, import the model again.',
  )
}

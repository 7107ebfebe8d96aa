// Generation: rows of one batch, each with a prompt, knobs and noise of its own, a token a run, told as they come.
import { cancelled, expected } from '../../shared/errors.ts'
import type { EndReason, GeneratedToken, Sampling } from '../../shared/generation.ts'
import { Completion } from './completion.ts'
import type { LlamaConfig } from './config.ts'
import { noise } from './noise.ts'
import { Sampler } from './sampler.ts'
import type { Vocabulary } from './token-text.ts'

/** What it asks of a model: B rows, T tokens, V vocabulary. See `Llama`. */
export interface Forwarder<Cache> {
  readonly config: Pick<LlamaConfig, 'vocabulary' | 'positions' | 'eosIds'>
  forward(
    batch: {
      readonly rows: number
      readonly tokens: number
      readonly ids: BigInt64Array
      readonly lengths: Int32Array
    },
    options: { readonly cache?: Cache; readonly logitsAt: Int32Array },
  ): Promise<{ readonly logits: Float32Array; readonly cache: Cache }>
}

export interface GenerationRow {
  /** Tokens to continue, BOS included. */
  readonly prompt: readonly number[]
  readonly sampling: Sampling
  /** Rows with different numbers draw differently though their seed is the same; those with the same draw alike. */
  readonly stream: number
  readonly maxTokens: number
  readonly stop: readonly string[]
}

export type GenerationEvent =
  | { readonly type: 'tokens'; readonly row: number; readonly tokens: GeneratedToken[] }
  | { readonly type: 'end'; readonly row: number; readonly reason: EndReason }

interface Live {
  readonly index: number
  readonly row: GenerationRow
  readonly completion: Completion
  /** Every token there was, for the repetition penalty. */
  readonly seen: Set<number>
  last: number
}

/**
 * Generates all rows and tells of each what it shows and how it ended. Rows with prompts of one length run as one batch,
 * the groups one after the other; a row's text depends on its own prompt, knobs, seed and stream alone. A prompt must
 * leave room in the context (`generate/empty`, `generate/context` before anything runs); a text that fills it ends there
 * with the reason "context". Aborting `signal` throws `cancelled` after at most one more run.
 */
export async function* generate<Cache>(
  model: Forwarder<Cache>,
  vocabulary: Vocabulary,
  rows: readonly GenerationRow[],
  signal?: AbortSignal,
): AsyncGenerator<GenerationEvent, void> {
  const { positions, eosIds } = model.config
  for (const { prompt } of rows) checkPrompt(prompt, positions)
  const groups = new Map<number, Live[]>()
  for (const [index, row] of rows.entries()) {
    const { prompt, stop, maxTokens } = row
    const room = positions - prompt.length
    const completion = new Completion({ vocabulary, eosIds, stop, maxTokens, room })
    const live = { index, row, completion, seen: new Set(prompt), last: 0 }
    groups.set(prompt.length, [...(groups.get(prompt.length) ?? []), live])
  }
  const sampler = new Sampler(model.config.vocabulary)
  for (const [length, group] of groups) yield* generateGroup(model, sampler, group, length, signal)
}

async function* generateGroup<Cache>(
  model: Forwarder<Cache>,
  sampler: Sampler,
  group: readonly Live[],
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<GenerationEvent, void> {
  const { vocabulary } = model.config
  const rows = group.length
  const lastOf = (tokens: number) => Int32Array.from(group, (_live, place) => place * tokens + tokens - 1)
  const lengthsAt = (total: number) => new Int32Array(rows).fill(total)
  await turn(signal)
  let { logits, cache } = await model.forward(
    {
      ...{ rows, tokens: length, lengths: lengthsAt(length) },
      ids: BigInt64Array.from(group.flatMap(({ row }) => row.prompt.map(BigInt))),
    },
    { logitsAt: lastOf(length) },
  )
  for (let step = 0; ; step++) {
    for (const [place, live] of group.entries()) {
      const { row, completion, seen, index } = live
      if (completion.end) continue
      const own = logits.subarray(place * vocabulary, (place + 1) * vocabulary)
      const sampled = sampler.sample(own, row.sampling, seen, noise(row.sampling.seed, row.stream, step))
      live.last = sampled.id
      seen.add(sampled.id)
      const tokens = completion.take(sampled)
      if (tokens.length > 0) yield { type: 'tokens', row: index, tokens }
      if (completion.end) yield { type: 'end', row: index, reason: completion.end }
    }
    if (group.every(({ completion }) => completion.end)) return
    await turn(signal)
    // rows that have ended run along: what they are given changes nothing for the others
    ;({ logits, cache } = await model.forward(
      {
        ...{ rows, tokens: 1, lengths: lengthsAt(length + step + 1) },
        ids: BigInt64Array.from(group, ({ last }) => BigInt(last)),
      },
      { cache, logitsAt: lastOf(1) },
    ))
  }
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

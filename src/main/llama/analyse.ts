// What a model makes of a text: how probable each token was, what would have been more so, and the norm of its stream.
import { cancelled, expected } from '../../shared/errors.ts'
import type { Analysis } from '../../shared/generation.ts'
import { batchOf } from './batch.ts'
import type { LlamaConfig } from './config.ts'
import type { Llama } from './llama.ts'
import type { Tokenizer } from './tokenizer.ts'

/** What it asks of a model. */
export type Reader = Pick<Llama, 'forward' | 'positions'> & {
  readonly config: Pick<LlamaConfig, 'vocabulary' | 'layers'>
}

const MOST_TOKENS = 512
const ALTERNATIVES = 5
/** Logits asked for in one run: 64 MB of them. */
const LOGITS_AT_ONCE = 2 ** 24

/**
 * Of a text longer than 512 tokens or the context, the beginning. At most `atOnce` logits are asked for in one run.
 * Aborting throws `cancelled` after one more run.
 */
export async function analyse(
  model: Reader,
  tokenizer: Tokenizer,
  text: string,
  signal?: AbortSignal,
  atOnce = LOGITS_AT_ONCE,
): Promise<Analysis> {
  const { vocabulary, layers } = model.config
  const encoding = tokenizer.encodePrompt(text)
  const ids = encoding.ids.slice(0, Math.min(MOST_TOKENS, model.positions))
  const T = ids.length
  if (T === 0) throw expected('analyse/empty', 'The text has no tokens.', 'Type some text.')
  const batch = batchOf([ids])
  const perRun = Math.max(1, Math.floor(atOnce / vocabulary))
  const tokens: Analysis['tokens'] = []
  const tell = (place: number, scores: Scores | null) => {
    const id = ids[place] ?? 0
    const { start, end } = encoding.spans[place] ?? { start: 0, end: 0 }
    tokens.push({ id, text: textOf(tokenizer, id), start, end, ...judge(tokenizer, id, scores) })
  }
  tell(0, null)
  let norms: Float32Array | undefined
  // the logits at a token are about the one behind it, so those at the last are not wanted
  for (let from = 0; from < Math.max(1, T - 1); from += perRun) {
    await new Promise((resolve) => setImmediate(resolve))
    if (signal?.aborted) throw cancelled()
    const count = Math.min(perRun, T - 1 - from)
    const logitsAt = Int32Array.from({ length: Math.max(1, count) }, (_, index) => from + index)
    const forward = await model.forward(batch, { logitsAt })
    norms ??= forward.norms
    for (let index = 0; index < count; index++) {
      const logits = forward.logits.subarray(index * vocabulary, (index + 1) * vocabulary)
      tell(from + index + 1, { logits, logSum: forward.logSums[index]! })
    }
  }
  return { tokens, layers, norms: Float32Array.from(norms ?? []), leftOut: encoding.ids.length - T }
}

type Judgement = Pick<Analysis['tokens'][number], 'logProbability' | 'alternatives'>

/** Of one place; the logarithm of the sum of their exponentials makes log-probabilities of the logits. */
interface Scores {
  readonly logits: Float32Array
  readonly logSum: number
}

function judge(tokenizer: Tokenizer, id: number, scores: Scores | null): Judgement {
  if (!scores) return { logProbability: null, alternatives: [] }
  const { logits, logSum } = scores
  const most = mostOf(logits, ALTERNATIVES)
  const logProbability = (token: number) => (logits[token] ?? 0) - logSum
  return {
    logProbability: logProbability(id),
    alternatives: most.map((token) => ({
      id: token,
      text: textOf(tokenizer, token),
      logProbability: logProbability(token),
    })),
  }
}

/** The indices of the `count` largest, the largest first; of equals the first. */
function mostOf(values: Float32Array, count: number): number[] {
  const most: number[] = []
  for (const [index, value] of values.entries()) {
    const last = most.at(-1)
    if (most.length === count && last !== undefined && !(value > (values[last] ?? 0))) continue
    const place = most.findIndex((other) => value > (values[other] ?? 0))
    most.splice(place < 0 ? most.length : place, 0, index)
    if (most.length > count) most.pop()
  }
  return most
}

function textOf(tokenizer: Tokenizer, id: number): string {
  return tokenizer.decode([id], { special: true, continues: true })
}

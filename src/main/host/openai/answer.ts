// Texts as OpenAI's clients expect them: whole answers, chunks of a stream, and errors.
import { randomBytes } from 'node:crypto'
import type { ErrorData } from '../../../shared/errors.ts'
import type { EndReason, GeneratedToken } from '../../../shared/generation.ts'
import type { ApiOrder } from './request.ts'

/** A text as far as it has come. */
export interface ApiText {
  readonly tokens: readonly GeneratedToken[]
  readonly end: EndReason | null
}

type Told = Pick<ApiOrder, 'kind' | 'logProbabilities'>

export class Answer {
  readonly #order: Told
  readonly #head: object
  /** Of each text that is streamed, the characters that are out. */
  readonly #sent = new Map<number, number>()

  constructor(order: Told & Pick<ApiOrder, 'model' | 'stream'>) {
    this.#order = order
    const chat = order.kind === 'chat'
    this.#head = {
      id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomBytes(12).toString('hex')}`,
      object: chat ? (order.stream ? 'chat.completion.chunk' : 'chat.completion') : 'text_completion',
      created: Math.floor(Date.now() / 1000),
      model: order.model,
    }
  }

  whole(texts: readonly ApiText[], promptTokens: number): object {
    const choices = texts.map(({ tokens, end }, index) => ({
      index,
      ...(this.#order.kind === 'chat'
        ? { message: { role: 'assistant', content: textOf(tokens), refusal: null } }
        : { text: textOf(tokens) }),
      ...{ logprobs: this.#logprobs(tokens, 0), finish_reason: finishOf(end) },
    }))
    return { ...this.#head, choices, usage: usageOf(texts, promptTokens) }
  }

  /** The next tokens of one text, or its end. */
  chunk(index: number, tokens: readonly GeneratedToken[], end: EndReason | null, first: boolean): object {
    const content = textOf(tokens)
    const choice =
      this.#order.kind === 'chat'
        ? { delta: { ...(first && { role: 'assistant' }), ...(end === null && { content }) } }
        : { text: content }
    const sent = this.#sent.get(index) ?? 0
    this.#sent.set(index, sent + content.length)
    const logprobs = tokens.length > 0 ? this.#logprobs(tokens, sent) : null
    return { ...this.#head, choices: [{ index, ...choice, logprobs, finish_reason: finishOf(end) }] }
  }

  usage(texts: readonly ApiText[], promptTokens: number): object {
    return { ...this.#head, choices: [], usage: usageOf(texts, promptTokens) }
  }

  /** `from` is where the tokens begin in their text. */
  #logprobs(tokens: readonly GeneratedToken[], from: number): object | null {
    if (!this.#order.logProbabilities) return null
    if (this.#order.kind === 'chat') {
      const content = tokens.map(({ text, logProbability }) => ({
        ...{ token: text, logprob: logProbability, top_logprobs: [] },
        bytes: [...new TextEncoder().encode(text)],
      }))
      return { content, refusal: null }
    }
    let offset = from
    return {
      tokens: tokens.map(({ text }) => text),
      token_logprobs: tokens.map(({ logProbability }) => logProbability),
      top_logprobs: null,
      text_offset: tokens.map(({ text }) => (offset += text.length) - text.length),
    }
  }
}

/** The status and the body of an error. */
export function errorAnswer({ kind, code, message, hint }: ErrorData): { status: number; body: object } {
  const status = statuses[code] ?? (kind === 'expected' ? 400 : kind === 'cancelled' ? 503 : 500)
  const type =
    status === 401 ? 'authentication_error' : status >= 500 ? 'server_error' : 'invalid_request_error'
  const text = hint === undefined ? message : `${message} ${hint}`
  return { status, body: { error: { message: text, type, code, param: null } } }
}

/** What is not the fault of the request as it was written. */
const statuses: Readonly<Record<string, number>> = {
  'api/token': 401,
  'api/path': 404,
  'api/method': 405,
  'api/size': 413,
  'models/unknown': 404,
  'sae/unknown': 404,
  'model/device-busy': 503,
  'model/evicted': 503,
  'model/replaced': 503,
  'model/crashed': 500,
  'model/frozen': 500,
  'model/out-of-memory': 500,
}

function textOf(tokens: readonly GeneratedToken[]): string {
  return tokens.map(({ text }) => text).join('')
}

function finishOf(end: EndReason | null): 'stop' | 'length' | null {
  if (end === null) return null
  return end === 'eos' || end === 'stop' ? 'stop' : 'length'
}

function usageOf(texts: readonly ApiText[], promptTokens: number): object {
  const completion = texts.reduce((sum, { tokens }) => sum + tokens.length, 0)
  return {
    ...{ prompt_tokens: promptTokens, completion_tokens: completion },
    total_tokens: promptTokens + completion,
  }
}

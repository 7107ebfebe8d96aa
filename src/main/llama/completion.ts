// One text as it grows token by token: what of it may be shown, and when it ends.
import type { EndReason, GeneratedToken } from '../../shared/generation.ts'
import { TokenText, type Vocabulary } from './token-text.ts'

export interface CompletionOptions {
  readonly vocabulary: Vocabulary
  /** Any of them ends the text. */
  readonly eosIds: readonly number[]
  /** Each ends the text before it, wherever the borders of tokens are; none is empty. */
  readonly stop: readonly string[]
  /** At least 1. */
  readonly maxTokens: number
  /** Tokens that fit the context behind the prompt; at least 1. */
  readonly room: number
}

/** A token that was drawn. */
interface Drawn {
  readonly id: number
  /**
   * Natural logarithm of its probability in the model's own distribution: before the penalty, the temperature and
   * everything that leaves tokens out.
   */
  readonly logProbability: number
}

export class Completion {
  readonly #options: CompletionOptions
  readonly #text: TokenText
  /** Tokens whose text may yet turn out to begin a stop string. */
  #held: GeneratedToken[] = []
  #count = 0
  #end: EndReason | null = null

  constructor(options: CompletionOptions) {
    this.#options = options
    this.#text = new TokenText(options.vocabulary, { special: false, continues: true })
  }

  /** Why it ended; null while it goes on. */
  get end(): EndReason | null {
    return this.#end
  }

  /** How many tokens were taken. */
  get count(): number {
    return this.#count
  }

  /**
   * Takes the next token: the tokens that may be shown from now on, in order, and why the text ends if it does. Their texts hold whole characters only: one
   * that completes a character has it, those before it are empty. What stands before a stop string is shown, the stop
   * string and what follows are not.
   */
  take(drawn: Drawn): { readonly tokens: GeneratedToken[]; readonly end: EndReason | null } {
    return { tokens: this.#take(drawn), end: this.#end }
  }

  #take({ id, logProbability }: Drawn): GeneratedToken[] {
    this.#count++
    const { eosIds, maxTokens, room } = this.#options
    const ends = eosIds.includes(id)
    this.#held.push({ id, logProbability, text: ends ? '' : this.#text.push(id) })
    const cut = this.#stopAt()
    if (cut !== null) {
      this.#end = 'stop'
      return this.#release(cut, true)
    }
    if (ends) this.#end = 'eos'
    else if (this.#count >= maxTokens) this.#end = 'length'
    else if (this.#count >= room) this.#end = 'context'
    // a character that lacks bytes at the end is left out
    if (this.#end) return this.#held.splice(0)
    return this.#release(this.#pending.length - this.#mayStop(), false)
  }

  get #pending(): string {
    return this.#held.map(({ text }) => text).join('')
  }

  /** Where in the pending text the first stop string begins; null where there is none. */
  #stopAt(): number | null {
    const pending = this.#pending
    const places = this.#options.stop.map((stop) => pending.indexOf(stop)).filter((place) => place >= 0)
    return places.length > 0 ? Math.min(...places) : null
  }

  /** How long the end of the pending text is that may go on to a stop string. */
  #mayStop(): number {
    const pending = this.#pending
    const longest = Math.max(0, ...this.#options.stop.map((stop) => stop.length - 1))
    for (let length = Math.min(longest, pending.length); length > 0; length--) {
      const tail = pending.slice(-length)
      if (this.#options.stop.some((stop) => stop.startsWith(tail))) return length
    }
    return 0
  }

  /** The tokens of the first `length` characters of the pending text; the one it ends in is cut, or kept for later. */
  #release(length: number, cut: boolean): GeneratedToken[] {
    const shown: GeneratedToken[] = []
    let at = 0
    while (this.#held.length > 0) {
      const token = this.#held[0]
      if (!token || at + token.text.length > length) break
      at += token.text.length
      shown.push(token)
      this.#held.shift()
    }
    const next = this.#held[0]
    if (cut && next && at < length) shown.push({ ...next, text: next.text.slice(0, length - at) })
    return shown
  }
}

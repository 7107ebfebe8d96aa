// Tokens to text as they come: never half a character, and special tokens left out unless they are asked for.

/** What it asks of a tokenizer. */
export interface Vocabulary {
  bytesOf(id: number): Uint8Array
  isSpecial(id: number): boolean
  readonly beginsWithSpace: boolean
  /** A token of ASCII alone as text; null for others. What is decoded many times is decoded once. */
  asciiOf?(id: number): string | null
}

export interface TokenTextOptions {
  /** Show special tokens. */
  readonly special: boolean
  /** The tokens continue a text: a space at their beginning is one. */
  readonly continues?: boolean
}

export class TokenText {
  readonly #vocabulary: Vocabulary
  readonly #special: boolean
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #atStart: boolean
  /** The decoder may hold bytes of a character. */
  #holds = false

  constructor(vocabulary: Vocabulary, { special, continues = false }: TokenTextOptions) {
    this.#vocabulary = vocabulary
    this.#special = special
    this.#atStart = vocabulary.beginsWithSpace && !continues
  }

  /** What the token adds to the text; empty while a character lacks bytes. What is no UTF-8 becomes U+FFFD. */
  push(id: number): string {
    if (this.#vocabulary.isSpecial(id)) {
      // a character that a special token breaks off stays broken
      const broken = this.end()
      if (!this.#special) return broken
      this.#atStart = false
      return broken + new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#vocabulary.bytesOf(id))
    }
    const ascii = this.#atStart || this.#holds ? null : (this.#vocabulary.asciiOf?.(id) ?? null)
    if (ascii !== null) return ascii
    const bytes = this.#bytesOf(id)
    if (bytes.length > 0) this.#holds = bytes.at(-1)! >= 0x80
    return this.#decoder.decode(bytes, { stream: true })
  }

  /** What all of them add, at once. */
  pushAll(ids: readonly number[]): string {
    let text = ''
    let bytes: Uint8Array[] = []
    const take = () => {
      if (bytes.length > 0) this.#holds = true
      if (bytes.length > 0) text += this.#decoder.decode(Buffer.concat(bytes), { stream: true })
      bytes = []
    }
    for (const id of ids) {
      if (this.#vocabulary.isSpecial(id)) {
        take()
        text += this.push(id)
      } else bytes.push(this.#bytesOf(id))
    }
    take()
    return text
  }

  /** What was held back: U+FFFD for a character that never became whole. */
  end(): string {
    this.#holds = false
    return this.#decoder.decode()
  }

  #bytesOf(id: number): Uint8Array {
    const bytes = this.#vocabulary.bytesOf(id)
    if (!this.#atStart || bytes.length === 0) return bytes
    this.#atStart = false
    return bytes[0] === SPACE ? bytes.subarray(1) : bytes
  }
}

const SPACE = 0x20

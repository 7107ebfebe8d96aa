// A checkpoint's tokenizer: text to tokens with their places in it, tokens to bytes and text, exactly as Hugging Face's.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { z } from 'zod'
import { expected } from '../../shared/errors.ts'
import { ioError } from '../store/io-error.ts'
import { spelledOut } from './pre-tokenizer.ts'
import { rememberWords } from './remembered-words.ts'
import { beginsWithSpace, bytesOfEntry, type Spelling, spellingOf } from './token-bytes.ts'
import { type Span, spansOf } from './token-offsets.ts'
import { TokenText, type TokenTextOptions } from './token-text.ts'

/** A token in either of the two ways in which `tokenizer_config.json` names one. */
const tokenNameSchema = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish()

const configSchema = z.looseObject({
  bos_token: tokenNameSchema,
  eos_token: tokenNameSchema,
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
})

const tokenizerSchema = z.looseObject({
  model: z.looseObject({}),
  added_tokens: z.array(z.looseObject({ id: z.number().int(), content: z.string() })).default([]),
  pre_tokenizer: z.looseObject({}).nullish(),
  decoder: z.looseObject({}).nullish(),
  post_processor: z.looseObject({}).nullish(),
})

export interface Encoding {
  readonly ids: number[]
  /** Of each token; empty where a special token was put that the text does not have. See `spansOf`. */
  readonly spans: Span[]
}

export interface TokenizerFiles {
  readonly tokenizer: unknown
  /** `tokenizer_config.json`; an empty object where there is none. */
  readonly config: unknown
}

export class Tokenizer {
  /** The token that begins a text, by its content; null where the model has none. */
  readonly bosToken: string | null
  readonly eosToken: string | null
  readonly bosId: number | null
  readonly eosId: number | null
  /** A text's first token has a space before it that the text itself does not have. */
  readonly beginsWithSpace: boolean
  readonly #library: Library
  readonly #spelling: Spelling
  readonly #added: ReadonlyMap<number, { readonly content: string; readonly special: boolean }>
  readonly #before: readonly number[]
  readonly #after: readonly number[]
  readonly #bytes = new Map<number, Uint8Array>()

  /** Reads `tokenizer.json` and `tokenizer_config.json`; throws `tokenizer/missing` and `tokenizer/invalid`. */
  static async open(folder: string): Promise<Tokenizer> {
    const tokenizer = await readJson(join(folder, 'tokenizer.json'))
    if (tokenizer === undefined) {
      throw expected(
        'tokenizer/missing',
        `The model in ${folder} has no tokenizer.json.`,
        'Fetch the file from where the model came from, and put it beside the weights.',
      )
    }
    const config = (await readJson(join(folder, 'tokenizer_config.json'))) ?? {}
    return new Tokenizer({ tokenizer, config }, folder)
  }

  /** `name` is how error messages call it. */
  constructor(files: TokenizerFiles, name = 'The tokenizer') {
    try {
      const tokenizer = tokenizerSchema.parse(files.tokenizer)
      const config = configSchema.parse(files.config)
      const absent = { normalizer: null, decoder: null, post_processor: null }
      const pre_tokenizer = spelledOut(tokenizer.pre_tokenizer)
      this.#library = new Library({ ...absent, ...tokenizer, pre_tokenizer }, config)
      rememberWords(this.#library)
      this.#spelling = spellingOf(tokenizer.decoder)
      this.beginsWithSpace = beginsWithSpace(tokenizer.decoder)
      this.#added = new Map(
        Array.from(this.#library.get_added_tokens_decoder(), ([id, { content, special }]) => [
          id,
          { content, special },
        ]),
      )
      this.bosToken = config.bos_token ?? null
      this.eosToken = config.eos_token ?? null
      this.bosId = this.#idOf(this.bosToken)
      this.eosId = this.#idOf(this.eosToken)
      ;[this.#before, this.#after] = this.#frame(tokenizer.post_processor, config)
    } catch (error) {
      throw expected(
        'tokenizer/invalid',
        `${name}: its tokenizer cannot be used.`,
        'Fetch tokenizer.json and tokenizer_config.json again from where the model came from.',
        error,
      )
    }
  }

  /**
   * The tokens of `text`. `special` adds what the model wants around a text (its BOS). Tokens such as
   * "<|begin_of_text|>" that the text spells out are taken as such.
   */
  encode(text: string, { special }: { readonly special: boolean }): Encoding {
    const inner = this.#library.encode(text, { add_special_tokens: false }).ids
    const spans = spansOf(
      text,
      inner.map((id) => ({ bytes: this.bytesOf(id), added: this.#added.has(id) })),
    )
    if (!special) return { ids: inner, spans }
    const nothing = (at: number) => () => ({ start: at, end: at })
    return {
      ids: [...this.#before, ...inner, ...this.#after],
      spans: [...this.#before.map(nothing(0)), ...spans, ...this.#after.map(nothing(text.length))],
    }
  }

  /**
   * The tokens of a prompt, to be continued: with BOS exactly once where the model wants one, whether or not the text
   * already begins with it (rendered chats do), and without what the model puts at the end of a text.
   */
  encodePrompt(text: string): Encoding {
    const inner = this.encode(text, { special: false })
    const begins = this.#before.length > 0 && this.#before.every((id, index) => inner.ids[index] === id)
    if (begins) return inner
    return {
      ids: [...this.#before, ...inner.ids],
      spans: [...this.#before.map(() => ({ start: 0, end: 0 })), ...inner.spans],
    }
  }

  /** The text of tokens. What is no UTF-8 becomes U+FFFD. */
  decode(ids: readonly number[], options: TokenTextOptions): string {
    const text = new TokenText(this, options)
    return text.pushAll(ids) + text.end()
  }

  /** What the token stands for in UTF-8; may be part of a character. Empty for ids that no token has. */
  bytesOf(id: number): Uint8Array {
    const known = this.#bytes.get(id)
    if (known) return known
    const bytes = this.#spell(id)
    this.#bytes.set(id, bytes)
    return bytes
  }

  /** Ids of the tokens that are for the model's use, and not text. */
  get specialIds(): number[] {
    return Array.from(this.#added).flatMap(([id, { special }]) => (special ? [id] : []))
  }

  /** Whether the token is for the model's use, and not text. */
  isSpecial(id: number): boolean {
    return this.#added.get(id)?.special ?? false
  }

  #spell(id: number): Uint8Array {
    const added = this.#added.get(id)
    if (added) return utf8.encode(added.content)
    const entry = this.#library.id_to_token(id)
    return entry === undefined ? new Uint8Array() : bytesOfEntry(entry, this.#spelling)
  }

  #idOf(token: string | null): number | null {
    return token === null ? null : (this.#library.token_to_id(token) ?? null)
  }

  /** What goes before and after a text, found by trying: post-processors come in many forms. */
  #frame(postProcessor: unknown, config: z.output<typeof configSchema>): [number[], number[]] {
    const probe = 'a'
    const bare = this.#library.encode(probe, { add_special_tokens: false }).ids
    const framed = this.#library.encode(probe, { add_special_tokens: true }).ids
    const at = framed.findIndex((_id, index) => bare.every((id, place) => framed[index + place] === id))
    const before = framed.slice(0, Math.max(0, at))
    const after = framed.slice(before.length + bare.length)
    // the configuration is asked only where tokenizer.json leaves it open, or it says something of its own
    const bos = config.add_bos_token ?? (postProcessor ? before.length > 0 : false)
    const eos = config.add_eos_token ?? (postProcessor ? after.length > 0 : false)
    const one = (id: number | null) => (id === null ? [] : [id])
    return [
      bos ? (before.length > 0 ? before : one(this.bosId)) : [],
      eos ? (after.length > 0 ? after : one(this.eosId)) : [],
    ]
  }
}

/** The JSON of a file; undefined where there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof SyntaxError) {
      throw expected(
        'tokenizer/invalid',
        `${path} is no JSON.`,
        `Fetch ${basename(path)} again from where the model came from.`,
        error,
      )
    }
    throw ioError(error, path)
  }
}

const utf8 = new TextEncoder()

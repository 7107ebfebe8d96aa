// Typed looks at a GGUF file's metadata, each with an error that names the entry.
import { expected, type MonoscopeError } from '../../../shared/errors.ts'
import type { GgufHeader, MetadataValue } from './header.ts'

export class Metadata {
  readonly path: string
  readonly #entries: ReadonlyMap<string, MetadataValue>

  constructor({ path, metadata }: GgufHeader) {
    this.path = path
    this.#entries = metadata
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Null when there is none; throws `gguf/metadata` when it is no number. */
  number(key: string): number | null {
    const value = this.#entries.get(key)
    if (value === undefined) return null
    if (typeof value !== 'number') throw this.wrong(`${key} is no number`)
    return value
  }

  neededNumber(key: string): number {
    const value = this.number(key)
    if (value === null) throw this.wrong(`${key} is missing`)
    return value
  }

  text(key: string): string | null {
    const value = this.#entries.get(key)
    if (value === undefined) return null
    if (typeof value !== 'string') throw this.wrong(`${key} is no text`)
    return value
  }

  flag(key: string): boolean | null {
    const value = this.#entries.get(key)
    if (value === undefined) return null
    if (typeof value !== 'boolean') throw this.wrong(`${key} is neither true nor false`)
    return value
  }

  texts(key: string): readonly string[] | null {
    const value = this.#list(key)
    if (value?.some((item) => typeof item !== 'string')) throw this.wrong(`${key} is no list of texts`)
    return value as readonly string[] | null
  }

  numbers(key: string): readonly number[] | null {
    const value = this.#list(key)
    if (value?.some((item) => typeof item !== 'number')) throw this.wrong(`${key} is no list of numbers`)
    return value as readonly number[] | null
  }

  wrong(why: string): MonoscopeError {
    return expected(
      'gguf/metadata',
      `Cannot use ${this.path}: ${why}.`,
      'Fetch another conversion of the model, or its original safetensors files.',
    )
  }

  #list(key: string): readonly MetadataValue[] | null {
    const value = this.#entries.get(key)
    if (value === undefined) return null
    if (!Array.isArray(value)) throw this.wrong(`${key} is no list`)
    return value as readonly MetadataValue[]
  }
}

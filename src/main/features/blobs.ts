// Short lists of numbers as bytes, as the database of an index keeps them for each feature.
import type { ChosenExample, ChosenExamples } from './choose-examples.ts'
import type { TokenCount } from './describe-feature.ts'

export interface Near {
  readonly feature: number
  readonly cosine: number
}

export interface Together {
  readonly feature: number
  readonly npmi: number
  /** Of the sampled firings those in which the other fires, too. */
  readonly joint: number
}

export interface LogitEffects {
  readonly up: readonly { readonly id: number; readonly value: number }[]
  readonly down: readonly { readonly id: number; readonly value: number }[]
  /** (50), of all tokens from `from` to `to`. */
  readonly histogram: Uint32Array
  readonly from: number
  readonly to: number
}

/** Words of 32 bits that are written and read in the same order. */
class Words {
  readonly #numbers: number[] = []
  readonly #isFloat: boolean[] = []

  whole(...numbers: readonly number[]): this {
    for (const number of numbers) this.#add(number, false)
    return this
  }

  float(...numbers: readonly number[]): this {
    for (const number of numbers) this.#add(number, true)
    return this
  }

  #add(number: number, isFloat: boolean): void {
    this.#numbers.push(number)
    this.#isFloat.push(isFloat)
  }

  bytes(): Uint8Array {
    const view = new DataView(new ArrayBuffer(4 * this.#numbers.length))
    for (const [at, number] of this.#numbers.entries()) {
      if (this.#isFloat[at]) view.setFloat32(4 * at, number, true)
      else view.setInt32(4 * at, number, true)
    }
    return new Uint8Array(view.buffer)
  }
}

class WordReader {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get more(): boolean {
    return this.#at < this.#view.byteLength
  }

  whole(): number {
    return this.#view.getInt32((this.#at += 4) - 4, true)
  }

  float(): number {
    return this.#view.getFloat32((this.#at += 4) - 4, true)
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.whole() }, read)
  }
}

export function wholeBytes(numbers: ArrayLike<number>): Uint8Array {
  return new Words().whole(...Array.from(numbers)).bytes()
}

export function readWhole(bytes: Uint8Array): Uint32Array {
  const read = new WordReader(bytes)
  return Uint32Array.from({ length: bytes.byteLength / 4 }, () => read.whole())
}

export function exampleBytes({ top, quantiles, silent }: ChosenExamples): Uint8Array {
  const words = new Words()
  const list = (examples: readonly ChosenExample[]) => {
    words.whole(examples.length)
    for (const { context, position, value } of examples) words.whole(context, position).float(value)
  }
  list(top)
  list(silent)
  words.whole(quantiles.length)
  for (const { from, to, contexts, examples } of quantiles) {
    words.float(from, to).whole(contexts)
    list(examples)
  }
  return words.bytes()
}

export function readExamples(bytes: Uint8Array): ChosenExamples {
  const read = new WordReader(bytes)
  const list = () =>
    read.list(() => ({ context: read.whole() >>> 0, position: read.whole(), value: read.float() }))
  const [top, silent] = [list(), list()]
  const quantiles = read.list(() => ({
    ...{ from: read.float(), to: read.float(), contexts: read.whole(), examples: list() },
  }))
  return { top, silent, quantiles }
}

export function tokenBytes(lists: readonly (readonly TokenCount[])[]): Uint8Array {
  const words = new Words()
  for (const list of lists) {
    words.whole(list.length)
    for (const { id, firings, mean, max } of list) words.whole(id, firings).float(mean, max)
  }
  return words.bytes()
}

/** As many lists as were written. */
export function readTokens(bytes: Uint8Array): TokenCount[][] {
  const read = new WordReader(bytes)
  const lists: TokenCount[][] = []
  while (read.more) {
    lists.push(
      read.list(() => ({
        id: read.whole(),
        firings: read.whole() >>> 0,
        mean: read.float(),
        max: read.float(),
      })),
    )
  }
  return lists
}

export function nearBytes(near: readonly Near[]): Uint8Array {
  const words = new Words()
  for (const { feature, cosine } of near) words.whole(feature).float(cosine)
  return words.bytes()
}

export function readNear(bytes: Uint8Array): Near[] {
  const read = new WordReader(bytes)
  const near: Near[] = []
  while (read.more) near.push({ feature: read.whole(), cosine: read.float() })
  return near
}

export function togetherBytes(together: readonly Together[]): Uint8Array {
  const words = new Words()
  for (const { feature, npmi, joint } of together) words.whole(feature, joint).float(npmi)
  return words.bytes()
}

export function readTogether(bytes: Uint8Array): Together[] {
  const read = new WordReader(bytes)
  const together: Together[] = []
  while (read.more) together.push({ feature: read.whole(), joint: read.whole(), npmi: read.float() })
  return together
}

export function logitBytes({ up, down, histogram, from, to }: LogitEffects): Uint8Array {
  const words = new Words().float(from, to)
  for (const list of [up, down]) {
    words.whole(list.length)
    for (const { id, value } of list) words.whole(id).float(value)
  }
  return words.whole(histogram.length, ...histogram).bytes()
}

export function readLogits(bytes: Uint8Array): LogitEffects {
  const read = new WordReader(bytes)
  const [from, to] = [read.float(), read.float()]
  const list = () => read.list(() => ({ id: read.whole(), value: read.float() }))
  const [up, down] = [list(), list()]
  return { from, to, up, down, histogram: Uint32Array.from(read.list(() => read.whole())) }
}

// Gathers contexts into a chunk, and settles which documents, sentences and counts belong to it.
import type { CorpusDocument, CorpusItem } from '../corpus/corpus.ts'
import type { Span } from '../llama/token-offsets.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import type { Context } from '../tokens/context.ts'
import type { Chunk, ChunkDocument, ChunkSentence, CorpusPosition, LeftOut, StratumCount } from './chunk.ts'

/** A document in use: its tokens, and its sentences with their numbers in the harvest. */
export interface UsedDocument {
  readonly kind: 'used'
  readonly ordinal: number
  readonly document: CorpusDocument
  readonly tokens: number
  /** For each token the index of its sentence. */
  readonly sentenceOf: Uint32Array
  readonly sentences: readonly Span[]
  /** Number of its first sentence. */
  readonly firstSentence: number
  /** How many of its tokens are in earlier chunks. */
  readonly done: number
}

type Pulled = UsedDocument | Extract<CorpusItem, { kind: 'skipped' }>

/** Where the tokens of a document went. */
interface Placed {
  readonly from: number
  readonly context: number
}

export class ChunkBuilder {
  readonly #tokenizer: Tokenizer
  #position: CorpusPosition
  #contexts: Context[] = []
  /** Taken from the corpus and not settled, in order. */
  #pulled: Pulled[] = []

  constructor(tokenizer: Tokenizer, from: CorpusPosition) {
    this.#tokenizer = tokenizer
    this.#position = from
  }

  get size(): number {
    return this.#contexts.length
  }

  /** Whether there is something of the corpus that no chunk has told yet. */
  get waiting(): boolean {
    return this.#pulled.length > 0
  }

  /** Told of everything the corpus gives, in order. */
  pull(item: Pulled): void {
    this.#pulled.push(item)
  }

  add(context: Context): void {
    this.#contexts.push(context)
  }

  /** What was added since the last one; `final` when the corpus has no more. */
  chunk({ final }: { readonly final: boolean }): Chunk {
    const last = this.#contexts.at(-1)?.pieces.at(-1)
    const reached = last
      ? { document: last.document, token: last.from + last.count }
      : { document: this.#position.document, token: this.#position.token }
    const { contexts: first } = this.#position
    const contexts = this.#contexts
    const places = placesOf(contexts, first)
    const count = new Counts(this.#position)
    const documents: ChunkDocument[] = []
    const sentences: ChunkSentence[] = []
    const leftOut: LeftOut[] = []
    const rest: Pulled[] = []
    let next = { ...reached, sentence: this.#position.sentence }

    for (const item of this.#pulled) {
      if (item.ordinal > reached.document && !final) {
        rest.push(item)
        continue
      }
      if (item.kind === 'skipped') {
        count.skip(item.reason)
        leftOut.push({ source: item.source, reason: item.reason, detail: item.detail })
        if (item.ordinal >= next.document) next = { ...next, document: item.ordinal + 1, token: 0 }
        continue
      }
      const now = item.ordinal === reached.document ? reached.token : item.tokens
      if (item.done === 0 && item.tokens > 0) {
        const home = contexts[places.get(item.ordinal)![0]!.context - first]!
        documents.push({
          ...described(item.document),
          begins: home.pieces[0]!.document === item.ordinal ? 1 : 0,
        })
      }
      count.use(item, now)
      sentences.push(...sentencesBetween(item, now, places.get(item.ordinal) ?? []))
      if (now < item.tokens) {
        rest.push({ ...item, done: now })
        next = { document: item.ordinal, token: now, sentence: item.firstSentence }
      } else {
        next = { document: item.ordinal + 1, token: 0, sentence: item.firstSentence + item.sentences.length }
      }
    }
    this.#pulled = rest
    this.#contexts = []
    this.#position = {
      ...next,
      contexts: first + contexts.length,
      tokens: this.#position.tokens + contexts.reduce((total, { ids }) => total + ids.length, 0),
      ...count.result(),
    }
    const texts = contexts.map(({ ids }) => this.#tokenizer.decode(Array.from(ids), { special: false }))
    return { contexts, first, texts, documents, sentences, leftOut, position: this.#position }
  }
}

/** Documents and tokens, counted on from where the last chunk left them. */
class Counts {
  readonly #documents: { read: number; used: number }
  #replaced: number
  readonly #skipped: Record<string, number>
  readonly #strata: Record<string, StratumCount>

  constructor({ documents, replaced, skipped, strata }: CorpusPosition) {
    this.#documents = { ...documents }
    this.#replaced = replaced
    this.#skipped = { ...skipped }
    this.#strata = { ...strata }
  }

  skip(reason: string): void {
    this.#documents.read++
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1
  }

  /** Of the document's tokens the first `now` are in this chunk or earlier ones. */
  use({ document, tokens, done }: UsedDocument, now: number): void {
    if (tokens === 0) return this.skip('no-tokens')
    const isNew = done === 0 ? 1 : 0
    this.#documents.read += isNew
    this.#documents.used += isNew
    this.#replaced += isNew * document.replaced
    const name = document.stratum ?? ''
    const before = this.#strata[name] ?? { documents: 0, tokens: 0 }
    this.#strata[name] = { documents: before.documents + isNew, tokens: before.tokens + now - done }
  }

  result(): Pick<CorpusPosition, 'documents' | 'replaced' | 'skipped' | 'strata'> {
    return {
      ...{ documents: this.#documents, replaced: this.#replaced },
      ...{ skipped: sorted(this.#skipped), strata: sorted(this.#strata) },
    }
  }
}

/** The same entries in an order that does not depend on which came first. */
function sorted<V>(record: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function placesOf(contexts: readonly Context[], first: number): Map<number, Placed[]> {
  const places = new Map<number, Placed[]>()
  for (const [index, { pieces }] of contexts.entries()) {
    for (const { document, from } of pieces) {
      const placed = places.get(document) ?? []
      placed.push({ from, context: first + index })
      places.set(document, placed)
    }
  }
  return places
}

/** The sentences that begin with the document's tokens from `done` up to `now`. */
function sentencesBetween(item: UsedDocument, now: number, placed: readonly Placed[]): ChunkSentence[] {
  const { tokens, sentenceOf, sentences, firstSentence, done, ordinal } = item
  if (tokens === 0) return []
  const from = done === 0 ? 0 : sentenceOf[done - 1]! + 1
  const to = now === tokens ? sentences.length : sentenceOf[now - 1]! + 1
  const found: ChunkSentence[] = []
  let token = done
  let place = 0
  for (let index = from; index < to; index++) {
    while (token + 1 < now && sentenceOf[token]! < index) token++
    while (place + 1 < placed.length && placed[place + 1]!.from <= token) place++
    const { start, end } = sentences[index]!
    found.push({ id: firstSentence + index, document: ordinal, context: placed[place]!.context, start, end })
  }
  return found
}

function described({
  ordinal,
  source,
  stratum,
  language,
  meta,
}: CorpusDocument): Omit<ChunkDocument, 'begins'> {
  return { ordinal, source, stratum, language, meta: meta && JSON.stringify(meta) }
}

// A first look at a corpus: how large it is, what its documents are like, and about how many tokens it has.
import {
  CHARACTERS_PER_TOKEN,
  type CorpusPreview,
  type CorpusSpec,
  type MoreStrata,
  type Strata,
} from '../../shared/corpus.ts'
import { cancelled } from '../../shared/errors.ts'
import { corpusFiles, type CorpusItem, emptyCorpus, itemsOf } from './corpus.ts'
import type { CorpusFile } from './corpus-file.ts'
import { LedgerKeeper } from './corpus-ledger.ts'
import type { SourceOptions } from './dataset-files.ts'

/** Files that are looked into, spread evenly over all. */
const FILES = 32
/** Characters that are looked at altogether. */
const CHARACTERS = 8 * 1024 * 1024
/** Items that are looked at altogether. */
const ITEMS = 20_000
/** Characters whose tokens are counted altogether. */
const COUNTED = 400_000
/** Documents that are shown, and what is shown of each. */
const SHOWN = 12
const SHOWN_CHARACTERS = 2_000
/** Strata that are listed, and languages. */
const NAMES = 100

/**
 * Looks at the beginnings of some files; of a data set on a server nothing more is fetched than is looked at. Strata
 * and languages are those the files name: a language that is not named is unknown. Throws as `readCorpus` does.
 */
export async function previewCorpus(
  spec: CorpusSpec,
  options: SourceOptions & {
    /** How many tokens a text has; a rule of thumb without it. */
    readonly tokensOf?: (text: string) => number
  } = {},
): Promise<CorpusPreview> {
  const all = await listed(spec, options)
  const ledger = new LedgerKeeper()
  for (const item of all.skipped) ledger.add(item)
  const documents: CorpusPreview['documents'] = []
  const limits = { characters: CHARACTERS / all.files.length, items: Math.ceil(ITEMS / all.files.length) }
  const shown = Math.ceil(SHOWN / all.files.length)
  const counts = { characters: 0, tokens: 0 }
  const encodings = new Map<string, number>()
  let bytes = 0
  let complete = all.files.length === all.count
  for (const file of all.files) {
    const looked = await look(file, spec, options, limits)
    for (const item of looked.items) ledger.add(item)
    const { encoding } = looked
    if (encoding !== null) encodings.set(encoding, (encodings.get(encoding) ?? 0) + 1)
    const found = looked.items.flatMap((item) => (item.kind === 'document' ? [item.document] : []))
    for (const { source, text, stratum, language } of found.slice(
      0,
      Math.min(shown, SHOWN - documents.length),
    )) {
      documents.push({ source, text: beginningOf(text), characters: text.length, stratum, language })
    }
    if (options.tokensOf) {
      // from every file a little, so that each kind of text has its part
      let left = COUNTED / all.files.length
      for (const { text } of found) {
        if (left <= 0) break
        const part = text.slice(0, Math.ceil(left)).toWellFormed()
        counts.characters += part.length
        counts.tokens += options.tokensOf(part)
        left -= part.length
      }
    }
    bytes += looked.bytes
    complete &&= looked.complete
  }
  const sample = ledger.ledger
  if (sample.used === 0 && complete) throw emptyCorpus(spec, sample.read, sample.faults)
  const characters = complete ? sample.characters : (sample.characters / bytes) * all.bytes
  const charactersPerToken = counts.tokens === 0 ? CHARACTERS_PER_TOKEN : counts.characters / counts.tokens
  const [strata, languages] = [largest(sample.strata), largest(sample.languages)]
  return {
    files: all.count,
    bytes: all.bytes,
    documents,
    sample: { ...sample, strata: strata.listed, languages: languages.listed },
    more: { strata: strata.more, languages: languages.more },
    encodings: Array.from(encodings, ([encoding, files]) => ({ encoding, files })).sort(
      (a, b) => b.files - a.files || (a.encoding < b.encoding ? -1 : 1),
    ),
    complete,
    estimate: {
      tokens: bytes === 0 ? null : Math.round(characters / charactersPerToken),
      charactersPerToken,
      counted: counts.tokens === 0 ? null : counts.tokens,
    },
  }
}

function largest(strata: Strata): { readonly listed: Strata; readonly more: MoreStrata } {
  const others = strata.slice(NAMES)
  const sum = (key: 'documents' | 'characters') => others.reduce((total, row) => total + row[key], 0)
  return {
    listed: strata.slice(0, NAMES),
    more: { names: others.length, documents: sum('documents'), characters: sum('characters') },
  }
}

interface Listed {
  readonly count: number
  readonly bytes: number
  /** At most `FILES`. */
  readonly files: readonly CorpusFile[]
  readonly skipped: readonly CorpusItem[]
}

/** Counts the files and keeps every so many of them, without holding all. */
async function listed(spec: CorpusSpec, options: SourceOptions): Promise<Listed> {
  const skipped: CorpusItem[] = []
  let files: CorpusFile[] = []
  let step = 1
  let count = 0
  let bytes = 0
  for await (const found of corpusFiles(spec, options)) {
    if (options.signal?.aborted) throw cancelled()
    if (found.kind === 'skipped') {
      const { name: source, reason, detail } = found
      if (skipped.length < ITEMS)
        skipped.push({ kind: 'skipped', ordinal: skipped.length, source, reason, detail })
      continue
    }
    if (count % step === 0) files.push(found)
    if (files.length > FILES) {
      files = files.filter((_, index) => index % 2 === 0)
      step *= 2
    }
    count++
    bytes += found.bytes
  }
  return { count, bytes, files, skipped }
}

interface Looked {
  readonly items: readonly CorpusItem[]
  /** Bytes of the file that this took. */
  readonly bytes: number
  /** Of its text; null where it has none that could be told. */
  readonly encoding: string | null
  readonly complete: boolean
}

async function look(
  file: CorpusFile,
  spec: CorpusSpec,
  { signal }: SourceOptions,
  limits: { readonly characters: number; readonly items: number },
): Promise<Looked> {
  const items: CorpusItem[] = []
  let characters = 0
  let bytes = 0
  let encoding: string | null = null
  const watch = {
    signal,
    onRead: (count: number) => (bytes += count),
    onEncoding: (found: string) => (encoding = found),
  }
  for await (const item of itemsOf(file, file.look, spec, { ordinal: 0, documents: 0 }, watch)) {
    items.push(item)
    if (item.kind === 'document') characters += item.document.text.length
    if (characters >= limits.characters || items.length >= limits.items) {
      return { items, bytes: Math.min(bytes, file.bytes), encoding, complete: false }
    }
  }
  return { items, bytes: file.bytes, encoding, complete: true }
}

function beginningOf(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS).toWellFormed()
}

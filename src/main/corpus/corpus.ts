// A corpus as a stream of documents and of what was skipped with the reason; the one way to read any source.
import type { CorpusSpec, Skipped } from '../../shared/corpus.ts'
import { skipWords } from '../../shared/corpus.ts'
import { cancelled, expected, MonoscopeError } from '../../shared/errors.ts'
import type { Watch } from './bytes.ts'
import type { CorpusFile, Found } from './corpus-file.ts'
import { datasetFiles, isDataset, type SourceOptions } from './dataset-files.ts'
import { localFiles, reasonOf, rootStats } from './local-files.ts'
import { readEntries } from './readers.ts'

export interface CorpusDocument {
  /** 0, 1, 2… over everything read, skipped items included: the document's identity. */
  readonly ordinal: number
  /** "emma.txt", "demo.jsonl.zst:12", "long.txt (part 2)". */
  readonly source: string
  readonly text: string
  readonly stratum: string | null
  readonly language: string | null
  /** What else its record says, as JSON can; long fields are left out. */
  readonly meta: Readonly<Record<string, unknown>> | null
  /** Characters of `text` that stand for bytes which are no text in the file's encoding. */
  readonly replaced: number
}

export type CorpusItem =
  { readonly kind: 'document'; readonly document: CorpusDocument } | ({ readonly kind: 'skipped' } & Skipped)

/** Where a file begins in the corpus, so that reading can start there. */
export interface FileMark {
  /** Its place in the corpus's list of files and of what is none. */
  readonly index: number
  /** Its `CorpusFile.id`: another one there means that the corpus changed. */
  readonly id: string
  /** The ordinal of the first item in it. */
  readonly ordinal: number
}

export interface ReadOptions extends SourceOptions {
  /** Bytes that were read of all in the corpus's files. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void
  /** Starts with this file instead of the first. */
  readonly start?: FileMark
  /** Called before the first item of each file. */
  readonly onFile?: (mark: FileMark) => void
}

/** How far a corpus is read. */
interface Count {
  ordinal: number
  documents: number
}

/**
 * Everything in the corpus in an order that is the same every time, pulled piece by piece in constant memory; a file
 * that is broken is an item, not an end. Throws `corpus/…`, `network/…`, `disk/…`; `corpus/empty` at the end when no
 * document was in it.
 */
export async function* readCorpus(spec: CorpusSpec, options: ReadOptions = {}): AsyncGenerator<CorpusItem> {
  const { start, onFile, onProgress, signal } = options
  const total = onProgress ? await bytesOf(spec, options) : 0
  const count: Count = { ordinal: start?.ordinal ?? 0, documents: 0 }
  const faults: Skipped[] = []
  let before = 0
  let index = -1
  for await (const found of corpusFiles(spec, options)) {
    index++
    if (signal?.aborted) throw cancelled()
    const size = found.kind === 'file' ? found.bytes : 0
    if (!start || index >= start.index) {
      const id = found.kind === 'file' ? found.id : found.name
      if (index === start?.index && id !== start.id) throw changed(`${start.id} became ${id}`)
      onFile?.({ index, id, ordinal: count.ordinal })
      let done = 0
      const onRead = (bytes: number) => {
        done = Math.min(done + bytes, size)
        onProgress?.(Math.floor(before + done), total)
      }
      const items =
        found.kind === 'file'
          ? itemsOf(found, found.read, spec, count, { onRead, signal })
          : [itemOf(found, count)]
      for await (const item of items) {
        if (signal?.aborted) throw cancelled()
        if (item.kind === 'skipped' && isNew(item, faults)) faults.push(item)
        yield item
      }
    }
    before += size
    onProgress?.(before, total)
  }
  if (start && index < start.index) throw changed(`${start.id} is not there any more`)
  if (count.documents === 0 && !start) throw emptyCorpus(spec, count.ordinal, faults)
}

/** The files of any source, in the order they are read. Throws `corpus/…`, `network/…`. */
export function corpusFiles(spec: CorpusSpec, options: SourceOptions): AsyncIterable<Found> {
  return isDataset(spec.path) ? datasetFiles(spec, options) : localFiles(spec)
}

/** Throws at once where it is on this disk and not there: `corpus/missing`, `corpus/unreadable`. */
export async function expectCorpus(path: string): Promise<void> {
  if (!isDataset(path)) await rootStats(path)
}

/** The error of a corpus that is not what it was when work on it began. */
export function changed(what: string): Error {
  return expected(
    'corpus/changed',
    `The corpus changed since it was first read: ${what}.`,
    'Put back what was there, or begin anew with the corpus as it is.',
  )
}

/** What is in a file, read by one of its two ways; only work that was stopped and the network end it early. */
export async function* itemsOf(
  { name, stratum: folder }: CorpusFile,
  read: CorpusFile['read'],
  spec: CorpusSpec,
  count: Count,
  watch: Watch,
): AsyncGenerator<CorpusItem> {
  try {
    for await (const entry of read((bytes) => readEntries(name, bytes, spec, watch))) {
      const source = name + entry.place
      const ordinal = count.ordinal++
      if (entry.kind === 'skipped') {
        yield { kind: 'skipped', ordinal, source, reason: entry.reason, detail: entry.detail }
        continue
      }
      const { text, language, meta, replaced } = entry
      count.documents++
      const document = { ordinal, source, text, stratum: entry.stratum ?? folder, language, meta, replaced }
      yield { kind: 'document', document }
    }
  } catch (error) {
    if (error instanceof MonoscopeError) throw error
    yield itemOf({ kind: 'skipped', name, reason: 'unreadable', detail: reasonOf(error) }, count)
  }
}

function itemOf({ name, reason, detail }: Extract<Found, { kind: 'skipped' }>, count: Count): CorpusItem {
  return { kind: 'skipped', ordinal: count.ordinal++, source: name, reason, detail }
}

async function bytesOf(spec: CorpusSpec, options: SourceOptions): Promise<number> {
  let bytes = 0
  for await (const found of corpusFiles(spec, options)) if (found.kind === 'file') bytes += found.bytes
  return bytes
}

/** What to do about a corpus without a document, told by the first of each kind of fault. */
export function emptyCorpus(spec: CorpusSpec, read: number, faults: readonly Skipped[]): Error {
  if (read === 0) {
    return expected(
      'corpus/empty',
      `No file of ${spec.path} is one that text is taken from.`,
      spec.include
        ? `Files are taken that match ${spec.include.join(', ')}: choose other patterns.`
        : 'Text, Markdown, code, JSON lines, Parquet and CSV files are: give patterns for others.',
    )
  }
  const kinds = faults.filter((fault, index) => isNew(fault, faults.slice(0, index)))
  const what = kinds
    .map(({ source, reason, detail }) => `${source} is ${skipWords[reason]} (${detail})`)
    .join('; ')
  return expected(
    'corpus/empty',
    `There is no text in ${spec.path}: ${what}${read > kinds.length ? `; ${read} items were looked at` : ''}.`,
    kinds.some(({ reason }) => reason === 'no-text')
      ? 'Name the field or column that holds the text.'
      : 'Choose a folder of text, Markdown or code, or JSON lines, Parquet or CSV files.',
  )
}

/** One fault of each kind says enough. */
function isNew({ reason }: Skipped, faults: readonly Skipped[]): boolean {
  return faults.every((fault) => fault.reason !== reason)
}

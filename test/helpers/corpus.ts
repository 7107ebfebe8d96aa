// Corpora written for a test, and everything that is in one.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type CorpusDocument,
  type CorpusItem,
  readCorpus,
  type ReadOptions,
} from '../../src/main/corpus/corpus.ts'
import type { CorpusSpec, Skipped } from '../../src/shared/corpus.ts'
import { temporaryFolder } from './temporary.ts'

/** A folder with these files, by path. */
export async function corpusFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

export interface Read {
  readonly items: CorpusItem[]
  readonly documents: CorpusDocument[]
  readonly skipped: Skipped[]
}

export async function readAll(spec: CorpusSpec, options?: ReadOptions): Promise<Read> {
  return itemsOf(readCorpus(spec, options))
}

export async function itemsOf(source: AsyncIterable<CorpusItem>): Promise<Read> {
  const items: CorpusItem[] = []
  for await (const item of source) items.push(item)
  return {
    items,
    documents: items.flatMap((item) => (item.kind === 'document' ? [item.document] : [])),
    skipped: items.flatMap((item) => (item.kind === 'skipped' ? [item] : [])),
  }
}

/** JSON lines of these records. */
export function jsonLines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

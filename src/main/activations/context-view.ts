// A context with all that is known of it: its tokens with their rows, its documents, and what stands around it.
import { expected } from '../../shared/errors.ts'
import type { ContextView, RowToken } from '../../shared/harvests.ts'
import type { IndexedContext } from './index-records.ts'
import type { HarvestIndex } from './harvest-index.ts'
import { homeOf, type ShardPlace } from './shard-place.ts'
import { withShard } from './shard-reader.ts'
import type { Calibration } from './split.ts'
import { spell, tokenizerIn } from './spelling.ts'

/** What a view needs beside the index. */
export interface ViewSource {
  /** All of the harvest, in order. */
  readonly shards: readonly ShardPlace[]
  readonly calibration: Calibration
  /** The folder of the checkpoint whose tokenizer spells the tokens; null where there is none. */
  readonly tokenizer: string | null
}

/** Contexts shown before and after one, and units of text of each. */
const NEIGHBOURS = 3
const NEIGHBOUR_TEXT = 1_500
/** Numbers read at once: 64 MB of float32. */
const VALUES = 2 ** 24

/** Throws `harvest/no-context`, `disk/…`, `arrow/damaged`. */
export async function contextView(index: HarvestIndex, source: ViewSource, id: number): Promise<ContextView> {
  const context = index.context(id)
  if (!context) throw noContext(id, index)
  const { firstRow, text } = context
  const [rows, tokenizer] = await Promise.all([rowsOf(source.shards, context), tokenizerIn(source.tokenizer)])
  const spelled = tokenizer && spell(tokenizer, rows.token, text)
  const documents: ContextView['documents'] = []
  // of each sentence the place of its document
  const places = new Map<number, number>()
  for (const sentence of new Set(rows.sentence)) {
    const ordinal = documentOf(index, sentence)
    const known = documents.findIndex((document) => document.ordinal === ordinal)
    places.set(sentence, known < 0 ? documents.length : known)
    if (known < 0) documents.push(described(index, ordinal))
  }
  const tokens = Array.from(rows.token, (token, place): RowToken => {
    const sentence = rows.sentence[place]!
    const document = places.get(sentence)!
    const { start, end, special } = spelled?.[place] ?? { start: 0, end: 0, special: null }
    const split = rows.split[place] as RowToken['split']
    const norm = rows.norms[place]!
    const why = { token, norm, special: spelled ? special !== null : null }
    const leftOut = split === 0 ? whyLeftOut(why, source.calibration) : null
    return { id: token, start, end, special, split, leftOut, norm, sentence, document }
  })
  return {
    ...{ context: id, firstRow, text, tokens, documents },
    spelled: spelled !== null,
    before: neighbours(index, Math.max(id - NEIGHBOURS, documents[0]?.first ?? id), id, 'end'),
    after: neighbours(
      index,
      id + 1,
      Math.min(id + NEIGHBOURS, documents.at(-1)?.last ?? id) + 1,
      'beginning',
    ),
  }
}

export function noContext(id: number, index: HarvestIndex): Error {
  const { contexts } = index.counts()
  return expected(
    'harvest/no-context',
    `The harvest has no context ${id}: they are numbered from 0 to ${contexts - 1}.`,
    'Choose one of these.',
  )
}

function damaged(index: HarvestIndex, what: string): Error {
  return expected(
    'index/damaged',
    `${index.path} does not know ${what}, which a row names.`,
    'The harvest is damaged: verify it, or harvest again.',
  )
}

function documentOf(index: HarvestIndex, sentence: number): number {
  const found = index.sentence(sentence)
  if (!found) throw damaged(index, `sentence ${sentence}`)
  return found.document
}

function described(index: HarvestIndex, ordinal: number): ContextView['documents'][number] {
  const document = index.document(ordinal)
  const reach = index.contextsOfDocument(ordinal)
  if (!document || !reach) throw damaged(index, `document ${ordinal}`)
  const { source, stratum, language, meta, split } = document
  return { ordinal, source, stratum, language, meta, split, ...reach }
}

interface Rows {
  readonly token: Int32Array
  readonly sentence: Uint32Array
  readonly split: Uint8Array
  readonly norms: Float32Array
}

/** The rows of a context, all in one shard; only their norms are kept of the activations. */
async function rowsOf(shards: readonly ShardPlace[], { firstRow, tokens }: IndexedContext): Promise<Rows> {
  const home = homeOf(shards, firstRow)
  return withShard(home.path, async (shard) => {
    const rows: Rows = {
      token: new Int32Array(tokens),
      sentence: new Uint32Array(tokens),
      split: new Uint8Array(tokens),
      norms: new Float32Array(tokens),
    }
    const { width } = shard.format
    const most = Math.max(1, Math.floor(VALUES / width))
    for (let from = 0; from < tokens; from += most) {
      const count = Math.min(most, tokens - from)
      const part = await shard.read(firstRow - home.firstRow + from, count)
      rows.token.set(part.token, from)
      rows.sentence.set(part.sentence, from)
      rows.split.set(part.split, from)
      for (let row = 0; row < count; row++) rows.norms[from + row] = normOf(part.activations, row, width)
    }
    return rows
  })
}

/** Of a row among (rows, width). */
function normOf(values: Float32Array, row: number, width: number): number {
  let sum = 0
  for (let at = row * width; at < (row + 1) * width; at++) sum += values[at]! ** 2
  return Math.sqrt(sum)
}

/** As `leftOut` judged when the row was written; without a tokenizer nothing but the thresholds tells. */
function whyLeftOut(
  { token, norm, special }: { token: number; norm: number; special: boolean | null },
  { sinkNorm, kept }: Calibration,
): RowToken['leftOut'] {
  if (special === true) return 'special'
  if (norm > sinkNorm) return 'sink'
  return special === false || kept[token] !== undefined ? 'frequent' : 'special'
}

function neighbours(
  index: HarvestIndex,
  from: number,
  to: number,
  keep: 'beginning' | 'end',
): ContextView['before'] {
  const found: ContextView['before'] = []
  for (let id = from; id < to; id++) {
    const context = index.context(id)
    if (!context) continue
    const { text } = context
    found.push({
      context: id,
      text: keep === 'end' ? text.slice(-NEIGHBOUR_TEXT) : text.slice(0, NEIGHBOUR_TEXT),
    })
  }
  return found
}

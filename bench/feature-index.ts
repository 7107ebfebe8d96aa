// An index of features that was not computed but drawn by chance, in the files that readers read.
// Letters: F features.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodesWriter } from '../src/main/features/codes.ts'
import { FeatureWriter } from '../src/main/features/feature-writer.ts'
import { DATABASE, INDEX_FORMAT, MANIFEST } from '../src/main/features/index-folder.ts'
import { writeTable } from '../src/main/features/feature-columns.ts'
import { describeParts, partsBy } from '../src/main/features/group-parts.ts'
import { Places, type Survey } from '../src/main/features/survey.ts'
import { openForReading } from '../src/main/store/database.ts'
import { HISTOGRAM_BINS, indexManifestSchema } from '../src/shared/features.ts'

/** Features, and those that fire in each row. */
export const [F, K] = [16_384, 8]
/** Sets of K features of which each row has one: a token has one of four, so that features have tokens they fire on. */
const SETS = 65_536
const SETS_A_TOKEN = 4
/** Contexts of a shard, and of one batch of a file. */
const [CONTEXTS_A_SHARD, CONTEXTS_AT_ONCE] = [4_000, 500]
/** Of a context's tokens, at most. */
const MOST_TOKENS = 256

/** Each word with a space before it, in two pieces where it is long; the first token begins a context. */
class WordTokens {
  /** Of each word its first token, and how many. */
  readonly #places = new Map<string, readonly [number, number]>()
  readonly texts: string[] = ['<s>']

  constructor(words: readonly string[]) {
    for (const word of words) {
      const middle = Math.ceil(word.length / 2)
      const pieces = word.length > 6 ? [` ${word.slice(0, middle)}`, word.slice(middle)] : [` ${word}`]
      this.#places.set(word, [this.texts.length, pieces.length])
      this.texts.push(...pieces)
    }
  }

  /** Writes the tokens of a text at `at` and returns where they end. */
  write(text: string, into: Int32Array, at: number): number {
    into[at++] = 0
    for (const word of text.split(' ')) {
      const [first, pieces] = this.#places.get(word)!
      for (let piece = 0; piece < pieces; piece++) into[at++] = first + piece
    }
    return at
  }

  bytesOf(id: number): Uint8Array {
    return Buffer.from(this.texts[id]!)
  }

  isSpecial(id: number): boolean {
    return id === 0
  }
}

/** (SETS, K), ascending: some features are a thousand times as frequent as others. */
function featureSets(random: () => number): Uint32Array {
  const sets = new Uint32Array(SETS * K)
  for (let set = 0; set < SETS; set++) {
    const chosen = new Set<number>()
    while (chosen.size < K) chosen.add(Math.floor(F ** random()) - 1 + Math.floor(random() * 64))
    sets.set(Uint32Array.from(chosen, (feature) => Math.min(F - 1, feature)).sort(), set * K)
  }
  return sets
}

interface Drawn {
  readonly folder: string
  /** The index of the harvest, of contexts made of `words`. */
  readonly harvest: string
  /** So many of its contexts, the first. */
  readonly contexts: number
  readonly words: readonly string[]
  readonly random: () => number
}

/** Writes it; returns its rows. */
export async function drawIndex({ folder, harvest, contexts, words, random }: Drawn): Promise<number> {
  await mkdir(folder, { recursive: true })
  const tokens = new WordTokens(words)
  const sets = featureSets(random)
  const values = Float16Array.from({ length: CONTEXTS_AT_ONCE * MOST_TOKENS * K }, () => 0.1 + random())
  const firings = new Uint32Array(F)
  const places = new Places()
  const rowsByToken = new Uint32Array(tokens.texts.length)
  let rows = 0
  const db = openForReading(harvest)
  const read = db
    .prepare<[number, number], string>('SELECT text FROM context WHERE id >= ? AND id < ?')
    .pluck()
  for (let shard = 0; shard * CONTEXTS_A_SHARD < contexts; shard++) {
    const writer = await CodesWriter.create(folder, shard, { F, metadata: {} })
    const end = Math.min(contexts, (shard + 1) * CONTEXTS_A_SHARD)
    let before = 0
    for (let from = shard * CONTEXTS_A_SHARD; from < end; from += CONTEXTS_AT_ONCE) {
      const texts = read.all(from, Math.min(end, from + CONTEXTS_AT_ONCE))
      const most = texts.length * MOST_TOKENS
      const token = new Int32Array(most)
      const [context, position, kind] = [new Uint32Array(most), new Uint16Array(most), new Uint8Array(most)]
      let at = 0
      for (const [offset, text] of texts.entries()) {
        const ends = tokens.write(text, token, at)
        context.fill(from + offset, at, ends)
        for (let row = at; row < ends; row++) position[row] = row - at
        kind[at] = 1
        places.add([from + offset, shard, before + at, ends - at, (before + at) * K, (ends - at) * K, 0])
        at = ends
      }
      const features = new Uint32Array(at * K)
      const starts = new Uint32Array(at + 1)
      starts[at] = at * K
      for (let row = 0; row < at; row++) {
        const id = token[row]!
        rowsByToken[id]!++
        starts[row] = row * K
        const set = (id * SETS_A_TOKEN + ((random() * SETS_A_TOKEN) | 0)) % SETS
        for (let code = 0; code < K; code++) {
          const feature = sets[set * K + code]!
          features[row * K + code] = feature
          if (kind[row] === 0) firings[feature]!++
        }
      }
      await writer.write(
        {
          ...{ context: context.subarray(0, at), position: position.subarray(0, at) },
          ...{ token: token.subarray(0, at), group: new Uint16Array(at), kind: kind.subarray(0, at) },
        },
        {
          ...{ starts, features, values: values.subarray(0, at * K) },
        },
      )
      before += at
    }
    await writer.commit()
    rows += before
  }
  db.close()
  await places.write(folder)
  const survey: Survey = {
    ...{
      rows: rows - contexts,
      special: contexts,
      sinks: 0,
      contexts,
      codes: (rows - contexts) * K,
      firings,
    },
    ...{ rowsByGroup: Uint32Array.of(rows - contexts), contextsByGroup: Uint32Array.of(contexts) },
    ...{ rowsByPosition: [rows - contexts], rowsByToken, apart: new Uint32Array(F) },
  }
  await describe(folder, survey, tokens)
  return rows
}

async function describe(folder: string, survey: Survey, tokens: WordTokens): Promise<void> {
  const writer = new FeatureWriter(join(folder, DATABASE))
  writer.commit({}, () => {
    for (const [id, firings] of survey.firings.entries()) {
      writer.add([
        {
          ...{
            id,
            firings,
            max: 1.1,
            mean: 0.6,
            token: 1 + (id % 1_000),
            bySum: [],
            byMean: [],
            byCount: [],
          },
          ...{ apart: 0, contexts: 0, bucket: 0, first: 0, flags: [] },
          ...{ histogram: new Uint32Array(HISTOGRAM_BINS), byGroup: Uint32Array.of(firings) },
          ...{ byPosition: Uint32Array.of(firings), examples: { top: [], quantiles: [], silent: [] } },
        },
      ])
      writer.direction(id, 1, [], null)
    }
    writer.tokens(tokens, survey.rowsByToken, tokens.texts.length)
  })
  writer.finish()
  const groups = [{ stratum: null, language: null, validates: false }]
  await writeTable(folder, groups, survey)
  const { rows, special, sinks, contexts, codes, rowsByPosition: positions } = survey
  const manifest = indexManifestSchema.parse({
    ...{ format: INDEX_FORMAT, kind: 'feature-index' },
    sae: { id: 'drawn', architecture: 'topk', hash: '', features: F, width: 1 },
    model: { name: 'none', hash: '', hook: 'blocks.0.hook_resid_post' },
    harvest: { id: 'bench', path: '', rows: rows + special, contexts },
    ...{ rows: rows + special, special, sinks, contexts, share: 1, codes, alive: F, l0: K, positions },
    strata: describeParts(partsBy(groups, 'stratum'), survey),
    languages: describeParts(partsBy(groups, 'language'), survey),
    ...{ groups, splits: { train: rows, validation: 0 }, aligned: null, alignedWhy: null },
    ...{ beginsWithSpace: true, logitsWhy: null },
  })
  await writeFile(join(folder, MANIFEST), JSON.stringify(manifest))
}

// Features by the text of contexts: which of them fire at and behind what was found more often than elsewhere.
// Letters: F features.
import type { FeatureHits, FeatureSearch, RankedFeature } from '../../shared/feature-search.ts'
import { bitsOf, hasFlag } from '../../shared/feature-flags.ts'
import { hitOf } from '../activations/hits.ts'
import type { HarvestIndex } from '../activations/harvest-index.ts'
import type { SearchHit } from '../activations/search.ts'
import type { Ranked } from '../activations/search-rank.ts'
import { spell } from '../activations/spelling.ts'
import { rowKinds } from './codes.ts'
import { ExampleReader, spelledToken } from './example-view.ts'
import type { FeatureIndex } from './feature-index.ts'
import type { Labels } from './feature-table.ts'

/** Contexts that are compared: the best that match and are indexed. */
export const MOST_COMPARED = 128
/** A match counts with so many tokens behind it, which is where a model that reads from left to right makes something of it. */
export const BEHIND = 4
/** Contexts that are ranked, so that of a sample enough are indexed. */
const MOST_RANKED = 10_000
/** Contexts shown of each feature. */
const EXAMPLES = 3

/** Throws `search/too-long`, `search/only-without`, `disk/…`. */
export async function searchFeatures(
  index: FeatureIndex,
  harvest: HarvestIndex,
  query: FeatureSearch,
  labels: Labels,
): Promise<FeatureHits> {
  const begun = performance.now()
  const wanted = Math.max(query.contexts, MOST_COMPARED)
  const limit = Math.min(MOST_RANKED, Math.ceil((4 * wanted) / Math.max(index.manifest.share, 0.01)))
  const found = harvest.ranked({ text: query.text, limit: unfiltered(query) ? limit : MOST_RANKED })
  const taken = contextFilter(index, harvest, query)
  const shown: Ranked[] = []
  const compared: Ranked[] = []
  for (const ranked of found.best) {
    const indexed = compared.length < MOST_COMPARED && index.placeOf(ranked.id) >= 0
    if (shown.length >= query.contexts && !indexed) {
      if (compared.length >= MOST_COMPARED) break
      continue
    }
    if (!taken(ranked.id)) continue
    if (shown.length < query.contexts) shown.push(ranked)
    if (indexed) compared.push(ranked)
  }
  const near = query.features > 0 ? await firingsNear(index, compared.map(found.hit)) : null
  return {
    contexts: {
      hits: shown.map((ranked) => hitOf(found.hit(ranked))),
      ...{ matches: found.matches, counted: found.counted, ranked: found.ranked, sampled: found.sampled },
    },
    indexed: shown.map(({ id }) => index.placeOf(id) >= 0),
    features: near ? await rankedFeatures(index, near, query, labels) : [],
    ...{ compared: compared.length, rows: near?.rows ?? 0 },
    milliseconds: performance.now() - begun,
  }
}

function unfiltered({ strata, languages }: FeatureSearch): boolean {
  return strata.length === 0 && languages.length === 0
}

/** Whether a context is of a wanted stratum and language; one that is not indexed is told by its first document. */
function contextFilter(
  index: FeatureIndex,
  harvest: HarvestIndex,
  query: FeatureSearch,
): (context: number) => boolean {
  if (unfiltered(query)) return () => true
  const { strata, languages } = query
  return (context) => {
    const place = index.placeOf(context)
    const group =
      place >= 0
        ? index.manifest.groups[index.contexts.group[place]!]
        : harvest.document(harvest.sentencesOfContext(context)[0]?.document ?? -1)
    if (!group) return false
    return (
      (strata.length === 0 || strata.includes(group.stratum ?? '')) &&
      (languages.length === 0 || languages.includes(group.language ?? ''))
    )
  }
}

interface Near {
  /** Rows at and behind the matches. */
  readonly rows: number
  /** (F): how many of them it fires in. */
  readonly counts: Uint32Array
  /** (F): its activations in them, added up. */
  readonly sums: Float64Array
  /** Of each feature that fires there the first contexts in which it does, the best first. */
  readonly contexts: ReadonlyMap<number, readonly number[]>
  readonly reader: ExampleReader
}

async function firingsNear(index: FeatureIndex, hits: readonly SearchHit[]): Promise<Near> {
  const counts = new Uint32Array(index.features)
  const sums = new Float64Array(index.features)
  const contexts = new Map<number, number[]>()
  const reader = new ExampleReader(index)
  const pieces = await Promise.all(hits.map(({ id }) => reader.piece(id)))
  let rows = 0
  for (const [at, hit] of hits.entries()) {
    const { kind, token, starts, features, values } = pieces[at]!
    const near = rowsNear(index, hit, token)
    for (let row = 0; row < kind.length; row++) {
      if (near[row] === 0 || kind[row] !== rowKinds.counted) continue
      rows++
      for (let code = starts[row]!; code < starts[row + 1]!; code++) {
        const feature = features[code]!
        counts[feature]!++
        sums[feature]! += values[code]!
        const known = contexts.get(feature)
        if (!known) contexts.set(feature, [hit.id])
        else if (known.length < EXAMPLES && known.at(-1) !== hit.id) known.push(hit.id)
      }
    }
  }
  return { rows, counts, sums, contexts, reader }
}

/** 1 for the tokens that overlap a match, and for those behind it; all of them where nothing spells the tokens. */
function rowsNear(index: FeatureIndex, { text, ranges }: SearchHit, tokens: Int32Array): Uint8Array {
  const near = new Uint8Array(tokens.length)
  const spelled = index.spells ? spell(index.vocabulary, tokens, text) : null
  if (!spelled) return near.fill(1)
  let range = 0
  for (const [place, { start, end }] of spelled.entries()) {
    while (range < ranges.length && ranges[range]![1] <= start) range++
    if (range === ranges.length) break
    if (ranges[range]![0] < end) near.fill(1, place, place + BEHIND + 1)
  }
  return near
}

async function rankedFeatures(
  index: FeatureIndex,
  { rows, counts, sums, contexts, reader }: Near,
  { density: wanted, without, features: limit }: FeatureSearch,
  labels: Labels,
): Promise<RankedFeature[]> {
  const { columns, manifest } = index
  const all = manifest.rows - manifest.special - manifest.sinks
  const unwanted = bitsOf(without)
  const scores: { readonly feature: number; readonly score: number; readonly reach: number }[] = []
  for (const feature of contexts.keys()) {
    const density = columns.density[feature]!
    if (density < wanted.from || density > wanted.to || (columns.flags[feature]! & unwanted) !== 0) continue
    const score = contrast(counts[feature]!, rows, columns.firings[feature]!, all)
    if (score > 0)
      scores.push({ feature, score, reach: sums[feature]! / counts[feature]! / columns.max[feature]! })
  }
  // what is dense seldom means one thing
  const dense = (feature: number) => Number(hasFlag(columns.flags[feature]!, 'dense'))
  // nor is what a feature is about where it fires weakly, however often
  const rank = ({ score, reach }: (typeof scores)[number]) => score * reach
  scores.sort((a, b) => dense(a.feature) - dense(b.feature) || rank(b) - rank(a) || a.feature - b.feature)
  return Promise.all(
    scores.slice(0, limit).map(async ({ feature, score, reach }) => {
      const found = counts[feature]!
      const density = columns.density[feature]!
      const examples = contexts
        .get(feature)!
        .map(async (context) => reader.example(feature, await reader.strongest(feature, context)))
      return {
        ...{ feature, score, reach, found, density, everywhere: density, lift: found / rows / density },
        ...{ max: columns.max[feature]!, flags: columns.flags[feature]! },
        token: spelledToken(index, columns.token[feature]!),
        label: labels.get(feature) ?? null,
        examples: await Promise.all(examples),
      }
    }),
  )
}

/**
 * How sure it is that a feature fires more often in n rows, x of which it fires in, than in the rest of all N, in X of
 * which it fires: the logarithm of the ratio of the odds, with ½ added to each count, over its standard error.
 */
export function contrast(x: number, n: number, X: number, N: number): number {
  const [a, b, c, d] = [x, n - x, Math.max(0, X - x), Math.max(0, N - n - (X - x))].map(
    (count) => count + 0.5,
  ) as [number, number, number, number]
  return Math.log((a * d) / (b * c)) / Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
}

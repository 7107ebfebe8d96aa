// Texts of one meaning in two languages: which features fire in both of a pair, and in neither of others.
// Letters: F features.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { UsableDevice } from '../../shared/devices.ts'
import { type Flagged, flagThresholds } from '../../shared/feature-flags.ts'
import type { HarvestIndex } from '../activations/harvest-index.ts'
import { batchOf } from '../llama/batch.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { Harvester } from '../llama/harvester.ts'
import type { HookName } from '../llama/hook.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import type { RowEncoder } from '../sae/sparse-encoder.ts'
import { bundledFile } from '../store/bundled.ts'

export interface AlignedTexts {
  /** Where they come from, for people. */
  readonly source: string
  readonly languages: readonly [string, string]
  readonly pairs: readonly (readonly [string, string])[]
}

/** Pairs that are looked at. */
const MOST_PAIRS = 200
/** Tokens of a text that are looked at. */
const MOST_TOKENS = 256
/** Pairs whose rows are encoded together. */
const PAIRS_AT_ONCE = 8
/** Share of its maximum at which a feature counts as firing in a text: what is weaker is in most texts. */
const FIRES = 0.1

const setSchema = z.object({
  languages: z.tuple([z.string(), z.string()]),
  source: z.string(),
  pairs: z.array(z.record(z.string(), z.string())),
})

/** Documents that say with `meta.parallel` which belong together; else the verses that come with Monoscope; null without either. */
export async function alignedTexts(index: HarvestIndex): Promise<AlignedTexts | null> {
  const own = index.parallelTexts(MOST_PAIRS)
  if (own && own.pairs.length >= flagThresholds.alignedTexts)
    return { source: 'documents of the harvest', ...own }
  const path = bundledFile('prompt-sets/parallel-en-es.json')
  if (path === null) return null
  const { languages, source, pairs } = setSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  const [a, b] = languages
  return {
    source,
    languages,
    pairs: pairs.slice(0, MOST_PAIRS).map((pair) => [pair[a] ?? '', pair[b] ?? '']),
  }
}

interface Reading {
  readonly checkpoint: Checkpoint
  readonly tokenizer: Tokenizer
  readonly hook: HookName
  readonly device: UsableDevice
  readonly encoder: RowEncoder
  /** (F): greatest activations. */
  readonly maxima: readonly number[]
  onPair(done: number): Promise<void>
}

/** Of each feature that fires across languages the flag that says so. */
export async function flagsAcross(
  { languages, pairs }: AlignedTexts,
  { checkpoint, tokenizer, hook, device, encoder, maxima, onPair }: Reading,
): Promise<Map<number, Flagged>> {
  const F = maxima.length
  const [both, first, second] = [new Uint16Array(F), new Uint16Array(F), new Uint16Array(F)]
  const harvester = await Harvester.open(checkpoint, { device, hook, positions: MOST_TOKENS })
  const most = Math.min(MOST_TOKENS, checkpoint.config.positions)
  const idsOf = (text: string) => tokenizer.encodePrompt(text).ids.slice(0, most)
  /** Of each text the features that fire in it; a wide SAE is read once for all of them. */
  const firesIn = async (texts: readonly number[][]): Promise<Set<number>[]> => {
    const x = new Float32Array(texts.reduce((sum, ids) => sum + ids.length, 0) * encoder.D)
    let row = 0
    for (const ids of texts) {
      if (ids.length > 0) x.set(await harvester.run(batchOf([ids])), row * encoder.D)
      row += ids.length
    }
    const { starts, features, values } = await encoder.encode(x)
    row = 0
    return texts.map((ids) => {
      const fires = new Set<number>()
      for (const id of ids) {
        const [from, to] = [starts[row]!, starts[++row]!]
        if (tokenizer.isSpecial(id)) continue
        for (let at = from; at < to; at++) {
          if (values[at]! >= FIRES * maxima[features[at]!]!) fires.add(features[at]!)
        }
      }
      return fires
    })
  }
  try {
    for (let from = 0; from < pairs.length; from += PAIRS_AT_ONCE) {
      const some = pairs.slice(from, from + PAIRS_AT_ONCE)
      const fires = await firesIn(some.flat().map(idsOf))
      for (let pair = 0; pair < some.length; pair++) {
        const [inFirst, inSecond] = [fires[2 * pair]!, fires[2 * pair + 1]!]
        for (const feature of inFirst) {
          first[feature]!++
          if (inSecond.has(feature)) both[feature]!++
        }
        for (const feature of inSecond) second[feature]!++
      }
      await onPair(from + some.length)
    }
  } finally {
    await harvester.close()
  }
  const flags = new Map<number, Flagged>()
  const { aligned: threshold, alignedTexts: least } = flagThresholds
  for (let feature = 0; feature < F; feature++) {
    const [n, x, y, xy] = [pairs.length, first[feature]!, second[feature]!, both[feature]!]
    const value = correlation(n, x, y, xy)
    if (xy < least || maxima[feature] === 0 || value < threshold) continue
    flags.set(feature, {
      ...{ flag: 'language-independent', value, threshold },
      evidence: `Of ${n} aligned texts it fires in ${x} in ${languages[0]} and ${y} in ${languages[1]}, and in ${xy} in both (correlation ${value.toFixed(2)}).`,
    })
  }
  return flags
}

/** Of firing in one and in the other, over n pairs (the phi coefficient); 0 where one of them always or never happens. */
export function correlation(n: number, x: number, y: number, both: number): number {
  const spread = x * (n - x) * y * (n - y)
  return spread > 0 ? (n * both - x * y) / Math.sqrt(spread) : 0
}

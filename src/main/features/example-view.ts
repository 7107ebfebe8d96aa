// A context as it is shown: its tokens with their spelling, and what one feature, or several, do at each.
import { expected } from '../../shared/errors.ts'
import type { ContextCodes, FeatureExample, TokenCodes } from '../../shared/features.ts'
import { TokenText, type Vocabulary } from '../llama/token-text.ts'
import type { ChosenExample } from './choose-examples.ts'
import { type CodePiece, rowKinds } from './codes.ts'
import type { FeatureIndex } from './feature-index.ts'

/** Tokens on either side that are shown of a long context. */
const AROUND = 64

/** What each token adds to the text; tokens that are a part of a character are empty up to the last, special ones spelled. */
export function spelledTokens(vocabulary: Vocabulary, ids: ArrayLike<number>): string[] {
  const pieces = new TokenText(vocabulary, { special: true, continues: true })
  const texts = Array.from(ids, (id) => pieces.push(id))
  const rest = pieces.end()
  const last = texts.pop()
  return last === undefined ? [] : [...texts, last + rest]
}

/** One token as people see it. */
export function spelledToken(index: Pick<FeatureIndex, 'vocabulary' | 'spells'>, id: number): string {
  if (id < 0) return ''
  return index.spells ? spelledTokens(index.vocabulary, [id]).join('') : `token ${id}`
}

/** Reads contexts for one question; each once. */
export class ExampleReader {
  readonly #index: FeatureIndex
  readonly #pieces = new Map<number, Promise<CodePiece>>()

  constructor(index: FeatureIndex) {
    this.#index = index
  }

  /** Of a context that is indexed. Throws `disk/…`, `arrow/damaged`. */
  piece(context: number): Promise<CodePiece> {
    let piece = this.#pieces.get(context)
    if (!piece) this.#pieces.set(context, (piece = this.#index.piece(this.#index.placeOf(context))))
    return piece
  }

  /** The context around the place that was chosen, with the activations of one feature. */
  async example(feature: number, { context, position, value }: ChosenExample): Promise<FeatureExample> {
    const { token, position: positions, starts, features, values, group } = await this.piece(context)
    const length = token.length
    const middle = position < 0 ? 0 : positions.indexOf(position)
    const from = Math.max(0, middle - AROUND)
    const to = Math.min(length, middle + AROUND + 1)
    const tokens = token.slice(from, to)
    const shown = new Float32Array(to - from)
    for (let row = from; row < to; row++) {
      for (let at = starts[row]!; at < starts[row + 1]!; at++) {
        if (features[at] === feature) shown[row - from] = values[at]!
      }
    }
    const { stratum, language, validates } = this.#index.manifest.groups[group[middle] ?? 0]!
    return {
      ...{ context, length, from, tokens, values: shown, position, value, stratum, language, validates },
      texts: this.#index.spells ? spelledTokens(this.#index.vocabulary, tokens) : [],
    }
  }

  /** The place of a feature's greatest activation in a context, at rows that count. */
  async strongest(feature: number, context: number): Promise<ChosenExample> {
    const { kind, position, starts, features, values } = await this.piece(context)
    let [most, place] = [0, -1]
    for (let row = 0; row < kind.length; row++) {
      if (kind[row] !== rowKinds.counted) continue
      for (let at = starts[row]!; at < starts[row + 1]!; at++) {
        if (features[at] === feature && values[at]! > most) [most, place] = [values[at]!, position[row]!]
      }
    }
    return { context, position: place, value: most }
  }
}

/** All tokens of a context with all features, or with some. Throws `features/no-context`. */
export async function contextCodes(
  index: FeatureIndex,
  context: number,
  wanted: readonly number[] | undefined,
): Promise<ContextCodes> {
  const place = index.placeOf(context)
  if (place < 0) {
    throw expected(
      'features/no-context',
      `Context ${context} is not in this index, which has ${index.contexts.context.length} of ${index.manifest.harvest.contexts}.`,
      index.manifest.share < 1 ? 'Index more rows: --max-rows.' : 'Choose another.',
    )
  }
  const piece = await index.piece(place)
  const { stratum, language, validates } = index.manifest.groups[index.contexts.group[place]!]!
  const codes = onlyThese(piece, wanted)
  return {
    ...{ ...codes, context, stratum, language, validates, tokens: piece.token },
    texts: index.spells ? spelledTokens(index.vocabulary, piece.token) : [],
    special: Uint8Array.from(piece.kind, (kind) => (kind === rowKinds.counted ? 0 : 1)),
  }
}

/** The codes of the wanted features alone; of all where none are named. */
export function onlyThese(
  codes: {
    readonly starts: Uint32Array
    readonly features: ArrayLike<number>
    readonly values: ArrayLike<number>
  },
  wanted: readonly number[] | undefined,
): Pick<TokenCodes, 'starts' | 'features' | 'values'> {
  const { starts, features, values } = codes
  if (!wanted) return { starts, features: Uint32Array.from(features), values: Float32Array.from(values) }
  const chosen = new Set(wanted)
  const kept: number[] = []
  const ends = new Uint32Array(starts.length)
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let at = starts[row]!; at < starts[row + 1]!; at++) if (chosen.has(features[at]!)) kept.push(at)
    ends[row + 1] = kept.length
  }
  return {
    starts: ends,
    features: Uint32Array.from(kept, (at) => features[at]!),
    values: Float32Array.from(kept, (at) => values[at]!),
  }
}

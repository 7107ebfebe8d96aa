// Where sentences begin and end in a text, and to which of them each token belongs.
import type { Span } from '../llama/token-offsets.ts'

/** Sentence borders as Unicode has them; the languages differ in little but abbreviations. */
const segmenters = new Map<string, Intl.Segmenter>()

function segmenterOf(language: string | null): Intl.Segmenter {
  const key = language ?? 'en'
  let segmenter = segmenters.get(key)
  if (!segmenter) {
    segmenter = new Intl.Segmenter(supported(key), { granularity: 'sentence' })
    segmenters.set(key, segmenter)
  }
  return segmenter
}

/** A corpus may name its languages in any way; those that nobody knows are cut like English. */
function supported(language: string): string {
  try {
    return Intl.Segmenter.supportedLocalesOf([language])[0] ?? 'en'
  } catch {
    return 'en'
  }
}

/** The spans of all sentences of `text`, in order and without gaps, in UTF-16 units. */
export function sentencesOf(text: string, language: string | null = null): Span[] {
  return Array.from(segmenterOf(language).segment(text), ({ index, segment }) => ({
    start: index,
    end: index + segment.length,
  }))
}

/**
 * For each token of `text` the index of the sentence that has its first character which is no space: the space between
 * two sentences ends the first, and begins the second's first token. One of spaces alone belongs to where it begins.
 */
export function sentenceOfTokens(
  text: string,
  tokens: readonly Span[],
  sentences: readonly Span[],
): Uint32Array {
  const result = new Uint32Array(tokens.length)
  let sentence = 0
  for (const [index, { start, end }] of tokens.entries()) {
    let at = start
    while (at < end && isSpace(text.charCodeAt(at))) at++
    if (at === end) at = start
    while (sentence + 1 < sentences.length && at >= sentences[sentence]!.end) sentence++
    result[index] = sentence
  }
  return result
}

/** What sentences end with and tokens begin with; the rarer ones as Unicode has them. */
function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)
  return /\s/.test(String.fromCharCode(unit))
}

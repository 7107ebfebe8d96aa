// How fluent a text is, counted by its words: how many are different ones, and how much is said again.

/** Words, numbers and names of code, in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}_]+/gu) ?? []
}

/** Share of the words that are different ones; 0 for a text without any. */
export function distinctShare(words: readonly string[]): number {
  return words.length === 0 ? 0 : new Set(words).size / words.length
}

const RUN = 4

/** Share of the runs of four words that were there before. */
export function repeatedShare(words: readonly string[]): number {
  const runs = Array.from({ length: Math.max(0, words.length - RUN + 1) }, (_, at) =>
    words.slice(at, at + RUN).join(' '),
  )
  return runs.length === 0 ? 0 : (runs.length - new Set(runs).size) / runs.length
}

/** Half of the words are different ones, and no run of four is there twice. */
export function isFluent(words: readonly string[]): boolean {
  return distinctShare(words) >= 0.5 && repeatedShare(words) === 0
}

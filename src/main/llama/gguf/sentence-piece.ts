// A SentencePiece vocabulary (tokens with scores) as merges: the better the score of what they make, the earlier.
import { tokenKinds, type Vocabulary } from './vocabulary.ts'

/** Longer tokens are never made by merging: SentencePiece stops at 16 unless told otherwise. */
const MAX_CHARACTERS = 128

/**
 * Every way to make a token of two others, best score first and longer left parts first among equals; as
 * transformers converts such vocabularies.
 */
export function mergesOf(
  { tokens, kinds }: Vocabulary,
  scores: readonly number[],
): [left: string, right: string][] {
  const ids = new Map<string, number>()
  for (const [id, token] of tokens.entries()) if (isText(kinds[id])) ids.set(token, id)
  const merges: { left: string; right: string; score: number; leftLength: number; rightLength: number }[] = []
  for (const [token, id] of ids) {
    if (token.length > MAX_CHARACTERS) continue
    // by characters: between the halves of a surrogate pair there is nothing to cut
    const characters = Array.from(token)
    let left = ''
    for (let cut = 1; cut < characters.length; cut++) {
      left += characters[cut - 1]!
      const right = token.slice(left.length)
      if (!ids.has(left) || !ids.has(right)) continue
      merges.push({ left, right, score: scores[id]!, leftLength: cut, rightLength: characters.length - cut })
    }
  }
  // those that are equal in all stay in the vocabulary's order
  merges.sort((a, b) => b.score - a.score || b.leftLength - a.leftLength || b.rightLength - a.rightLength)
  return merges.map(({ left, right }) => [left, right])
}

function isText(kind: number | undefined): boolean {
  return kind !== tokenKinds.unknown && kind !== tokenKinds.control && kind !== tokenKinds.byte
}

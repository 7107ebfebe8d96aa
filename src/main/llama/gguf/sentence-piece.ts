// A SentencePiece vocabulary (tokens with scores) as merges: the better the score of what they make, the earlier.
import { tokenKinds, type Vocabulary } from './vocabulary.ts'

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
  const merges: { left: string; right: string; score: number; ids: readonly [number, number] }[] = []
  for (const [token, id] of ids) {
    // by characters: between the halves of a surrogate pair there is nothing to cut
    const characters = Array.from(token)
    let left = ''
    for (const [index, character] of characters.entries()) {
      if (index === characters.length - 1) break
      left += character
      const right = token.slice(left.length)
      const [leftId, rightId] = [ids.get(left), ids.get(right)]
      if (leftId === undefined || rightId === undefined) continue
      merges.push({ left, right, score: scores[id]!, ids: [leftId, rightId] })
    }
  }
  merges.sort(
    (a, b) =>
      b.score - a.score ||
      b.left.length - a.left.length ||
      b.right.length - a.right.length ||
      a.ids[0] - b.ids[0] ||
      a.ids[1] - b.ids[1],
  )
  return merges.map(({ left, right }) => [left, right])
}

function isText(kind: number | undefined): boolean {
  return kind !== tokenKinds.unknown && kind !== tokenKinds.control && kind !== tokenKinds.byte
}

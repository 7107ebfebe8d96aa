// Long texts in pieces, and bytes as text with what could not be read of them counted.
import { characterStart, type Encoding } from './encoding.ts'

/** Bytes of UTF-8 that one document may have; a longer text becomes several, none of which is lost. */
export const LONGEST_TEXT = 4 * 1024 * 1024

const replacement = Buffer.from('\ufffd')

/** `bytes`, which were brought to UTF-8 from `encoding`, as text; `replaced` counts what was no text there. */
export function textOf(bytes: Buffer, encoding: Encoding): { text: string; replaced: number } {
  const text = bytes.toString('utf8')
  const all = replacementsIn(text)
  const own = all > 0 && encoding === 'utf-8' ? occurrences(bytes, replacement) : 0
  return { text, replaced: all - own }
}

/** How many characters of `text` stand for what could not be read. */
export function replacementsIn(text: string): number {
  return occurrences(text, '\ufffd')
}

/** Pieces of at most `LONGEST_TEXT` bytes of UTF-8, ending where a paragraph, line or word does if that is near. */
export async function* piecesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    held.push(chunk)
    bytes += chunk.length
    if (bytes <= LONGEST_TEXT) continue
    let rest = Buffer.concat(held)
    while (rest.length > LONGEST_TEXT) {
      const end = cutPoint(rest)
      yield rest.subarray(0, end)
      rest = rest.subarray(end)
    }
    held = [rest]
    bytes = rest.length
  }
  yield Buffer.concat(held)
}

function cutPoint(bytes: Buffer): number {
  const start = LONGEST_TEXT / 2
  for (const end of ['\n\n', '\n', ' ']) {
    const at = bytes.lastIndexOf(end, LONGEST_TEXT - end.length)
    if (at >= start) return at + end.length
  }
  return characterStart(bytes, LONGEST_TEXT)
}

function occurrences(within: string | Buffer, wanted: string | Buffer): number {
  let count = 0
  const length = wanted.length
  for (let at = within.indexOf(wanted as string); at >= 0; at = within.indexOf(wanted as string, at + length))
    count++
  return count
}

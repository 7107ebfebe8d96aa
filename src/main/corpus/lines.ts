// A stream of bytes cut into lines, of which none is held that is too long.

export interface Line {
  /** From 1 on. */
  readonly number: number
  /** Without its line feed; null when it is longer than was allowed. */
  readonly bytes: Buffer | null
}

/** The lines of `chunks` (UTF-8, or any encoding in which a line feed is a byte of its own), the last one closed or not. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Line> {
  let number = 1
  let held: Buffer[] = []
  let length = 0
  const take = (part: Buffer) => {
    length += part.length
    if (length > longest) held = []
    else if (part.length > 0) held.push(part)
  }
  const line = (): Line => {
    const bytes = length > longest ? null : held.length === 1 ? held[0]! : Buffer.concat(held)
    held = []
    length = 0
    return { number: number++, bytes }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      take(chunk.subarray(from, end))
      yield line()
      from = end + 1
    }
    take(chunk.subarray(from))
  }
  if (length > 0) yield line()
}

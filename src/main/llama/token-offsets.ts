// Where each token of a text begins and ends in it: the tokens' bytes laid beside the text's own.

/** From `start` up to `end`, in UTF-16 units of the text, as `String.prototype.slice` takes them. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A token as it came out of the text: an added token stands in the text letter by letter. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly added: boolean
}

/**
 * The span of each piece. A piece that is part of a character has the whole character's span, so that neighbours may
 * share one. Where the tokenizer changed the text before it cut it (a normal form, an unknown character), the pieces
 * of what it changed share its span.
 */
export function spansOf(text: string, pieces: readonly Piece[]): Span[] {
  const spans: Span[] = []
  let section: Piece[] = []
  let at = 0
  const close = (end: number) => {
    for (const span of sectionSpans(text, { start: at, end }, section)) spans.push(span)
    section = []
    at = end
  }
  for (const piece of pieces) {
    if (!piece.added) {
      section.push(piece)
      continue
    }
    const content = decoder.decode(piece.bytes)
    const found = text.indexOf(content, at)
    // one that is nowhere was changed like the text around it
    if (found < 0) {
      section.push(piece)
      continue
    }
    close(found)
    at = found + content.length
    spans.push({ start: found, end: at })
  }
  close(text.length)
  return spans
}

/** The spans of pieces that cover `section` of the text and nothing else. */
function sectionSpans(text: string, section: Span, pieces: readonly Piece[]): Span[] {
  const exact = exactSpans(text, section, pieces)
  if (exact) return exact
  const { starts, ends, bytes } = unitsOf(text, section)
  const total = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0)
  const spelt = new Uint8Array(total)
  let filled = 0
  for (const piece of pieces) {
    spelt.set(piece.bytes, filled)
    filled += piece.bytes.length
  }
  // SentencePiece puts a space before a text, which is not in it
  const prefix = spelt[0] === SPACE && equal(spelt.subarray(1), bytes) ? 1 : 0
  const same = prefix === 1 ? bytes.length : commonPrefix(spelt, bytes)
  const rest = Math.min(total, bytes.length) - same
  const tail = prefix === 1 ? 0 : Math.min(rest, commonSuffix(spelt, bytes))
  const changed = {
    start: starts[same] ?? section.end,
    end: ends[bytes.length - tail - 1] ?? section.start,
  }
  /** The span of the character that byte `byte` of the pieces belongs to. */
  const characterAt = (byte: number): Span => {
    const from = byte - prefix
    if (from < 0) return { start: section.start, end: section.start }
    if (from < same) return { start: starts[from] ?? section.end, end: ends[from] ?? section.end }
    const back = total - byte
    if (back > tail) return changed.end < changed.start ? { ...changed, end: changed.start } : changed
    return {
      start: starts[bytes.length - back] ?? section.end,
      end: ends[bytes.length - back] ?? section.end,
    }
  }
  let byte = 0
  return pieces.map((piece) => {
    const first = byte
    byte += piece.bytes.length
    // a piece without bytes stands where the one before it ended
    if (byte === first) {
      const { end } = first === 0 ? { end: section.start } : characterAt(first - 1)
      return { start: end, end }
    }
    return { start: characterAt(first).start, end: characterAt(byte - 1).end }
  })
}

/** The spans of pieces that spell the section byte by byte; undefined when they do not. */
function exactSpans(text: string, section: Span, pieces: readonly Piece[]): Span[] | undefined {
  const spans: Span[] = []
  // the character under way, and how many of its bytes are spelt
  let at = section.start
  let spelt = 0
  let end = at
  for (const { bytes } of pieces) {
    const start = bytes.length === 0 ? end : at
    for (const byte of bytes) {
      if (at === section.end) return undefined
      const unit = text.charCodeAt(at)
      if (unit < 0x80) {
        if (byte !== unit) return undefined
        end = ++at
        continue
      }
      const code = text.codePointAt(at)!
      const width = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      if (byte !== byteOf(code, spelt, width)) return undefined
      end = at + (width === 4 ? 2 : 1)
      if (++spelt < width) continue
      spelt = 0
      at = end
    }
    spans.push({ start, end })
  }
  return at === section.end ? spans : undefined
}

/** Byte `index` of a character of `width` bytes in UTF-8. */
function byteOf(code: number, index: number, width: number): number {
  // half a surrogate pair becomes U+FFFD, which has three bytes too
  const whole = code >= 0xd800 && code < 0xe000 ? 0xfffd : code
  const bits = whole >> (6 * (width - 1 - index))
  return index > 0 ? 0x80 | (bits & 0x3f) : (width === 2 ? 0xc0 : width === 3 ? 0xe0 : 0xf0) | bits
}

/** The section in UTF-8, and for each byte where its character begins and ends in UTF-16 units of the whole text. */
function unitsOf(text: string, section: Span): { bytes: Uint8Array; starts: Int32Array; ends: Int32Array } {
  const part = text.slice(section.start, section.end)
  const bytes = encoder.encode(part)
  const starts = new Int32Array(bytes.length)
  const ends = new Int32Array(bytes.length)
  let byte = 0
  let unit = section.start
  for (const character of part) {
    const code = character.codePointAt(0) ?? 0
    // half a surrogate pair becomes U+FFFD, which has three bytes too
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    starts.fill(unit, byte, byte + width)
    unit += character.length
    ends.fill(unit, byte, byte + width)
    byte += width
  }
  return { bytes, starts, ends }
}

function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length++
  return length
}

function commonSuffix(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length++
  return length
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && commonPrefix(a, b) === a.length
}

const SPACE = 0x20
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

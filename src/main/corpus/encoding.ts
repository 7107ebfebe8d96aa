// What a file's bytes say: told from its first megabyte whether they are text and in which encoding, and brought to UTF-8.
import { isUtf8 } from 'node:buffer'
import { analyse } from 'chardet'

/** "utf-8", another label that `TextDecoder` knows, or "binary". */
export type Encoding = string

/** Bytes that are looked at; a file not longer than that is judged by all of it. */
const SAMPLE = 1024 * 1024
/** Bytes from the first that is no UTF-8 on by which an older encoding is told. */
const LEGACY_SAMPLE = 64 * 1024
/** The share of control characters above which something is no text. */
const MOST_CONTROLS = 0.01
/** Percent below which a guess among the older encodings is worth nothing. */
const SURE = 15

/** The text of a stream as UTF-8 without byte order mark. */
export interface Utf8 {
  readonly encoding: Encoding
  /** Not to be read for "binary". What is no text in the encoding is U+FFFD in what was not UTF-8, and left as it is in UTF-8. */
  readonly chunks: AsyncIterable<Buffer>
}

/** Reads the beginning of `chunks` to find their encoding, then hands out all of them as UTF-8. */
export async function utf8Of(chunks: AsyncIterable<Buffer>): Promise<Utf8> {
  const source = chunks[Symbol.asyncIterator]()
  const first: Buffer[] = []
  let bytes = 0
  let failure: { readonly error: unknown } | null = null
  let complete = false
  while (bytes < SAMPLE && !complete) {
    try {
      const next = await source.next()
      if (next.done) {
        complete = true
      } else {
        first.push(next.value)
        bytes += next.value.length
      }
    } catch (error) {
      // what came before it is still to be read
      failure = { error }
      break
    }
  }
  const sample = Buffer.concat(first)
  const encoding = encodingOf(sample, complete)
  if (encoding === 'binary') await source.return?.()
  return { encoding, chunks: transcoded(sample, source, failure, encoding) }
}

/** The encoding of a text that begins with `sample`, or is it when `complete`. */
export function encodingOf(sample: Buffer, complete: boolean): Encoding {
  if (startsWith(sample, 0xff, 0xfe, 0, 0) || startsWith(sample, 0, 0, 0xfe, 0xff)) return 'binary'
  if (startsWith(sample, 0xff, 0xfe)) return 'utf-16le'
  if (startsWith(sample, 0xfe, 0xff)) return 'utf-16be'
  const wide = wideEncoding(sample)
  if (wide) return wide
  if (controls(sample) > MOST_CONTROLS * sample.length) return 'binary'
  const whole = complete ? sample : sample.subarray(0, characterStart(sample, sample.length))
  if (isUtf8(whole)) return 'utf-8'
  const { valid, invalid, first } = utf8Sequences(whole)
  return valid >= invalid ? 'utf-8' : legacyEncoding(whole.subarray(Math.max(0, first - 1024)))
}

/** Where the last UTF-8 character that begins before `end` begins, if `end` cuts it; else `end`. */
export function characterStart(bytes: Buffer, end: number): number {
  for (let at = end - 1; at >= Math.max(0, end - 4); at--) {
    const byte = bytes[at]!
    if (byte < 0x80) return end
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return at + length > end ? at : end
  }
  return end
}

async function* transcoded(
  sample: Buffer,
  rest: AsyncIterator<Buffer>,
  failure: { readonly error: unknown } | null,
  encoding: Encoding,
): AsyncGenerator<Buffer> {
  try {
    const decoder = encoding === 'utf-8' ? null : new TextDecoder(encoding)
    const marked = startsWith(sample, 0xef, 0xbb, 0xbf)
    let chunk = decoder || !marked ? sample : sample.subarray(3)
    for (;;) {
      const text = decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk
      if (text.length > 0) yield text
      if (failure) throw failure.error
      const next = await rest.next()
      if (next.done) break
      chunk = next.value
    }
    const last = decoder?.decode() ?? ''
    if (last !== '') yield Buffer.from(last)
  } finally {
    await rest.return?.()
  }
}

function startsWith(bytes: Buffer, ...mark: number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte)
}

/** UTF-16 without a mark: in most scripts' text every second byte is often zero, the others never. */
function wideEncoding(sample: Buffer): Encoding | null {
  const zeros = [0, 0]
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) zeros[at & 1]!++
  const [even = 0, odd = 0] = zeros
  const half = sample.length / 2
  if (odd > 0.2 * half && even < 0.001 * half) return 'utf-16le'
  if (even > 0.2 * half && odd < 0.001 * half) return 'utf-16be'
  return null
}

/** Characters that texts do not have; tab, line feeds, form feed and the escape of terminals' colours they may. */
function controls(sample: Buffer): number {
  let count = 0
  for (const byte of sample) {
    if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) count++
  }
  return count
}

/** How many non-ASCII characters are UTF-8, how many bytes are not, and where the first of those is. */
function utf8Sequences(bytes: Buffer): { valid: number; invalid: number; first: number } {
  let valid = 0
  let invalid = 0
  let first = bytes.length
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte < 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    if (byte >= 0xc2 && isUtf8(bytes.subarray(at, at + length))) {
      valid++
      at += length - 1
    } else {
      invalid++
      first = Math.min(first, at)
    }
  }
  return { valid, invalid, first }
}

/** Windows-1252, which latin-1 text is too, unless another is sure. */
function legacyEncoding(bytes: Buffer): Encoding {
  const [best] = analyse(bytes.subarray(0, LEGACY_SAMPLE))
  if (!best || best.confidence < SURE || /^(ISO-8859-1|UTF.*|ASCII)$/i.test(best.name)) {
    return 'windows-1252'
  }
  try {
    return new TextDecoder(best.name).encoding
  } catch {
    return 'windows-1252'
  }
}

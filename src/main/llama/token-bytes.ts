// What each entry of a vocabulary stands for in bytes of UTF-8, for byte-level and for SentencePiece vocabularies.

/** How the entries of a vocabulary are spelt. */
export type Spelling =
  /** One character for each byte, as GPT-2 began it: "Ġ" is the byte of a space. */
  | 'byte-level'
  /** Characters as they are, "▁" for a space, and "<0x0A>" for a byte that no other entry has. */
  | 'sentencepiece'
  /** Characters as they are. */
  | 'plain'

interface DecoderConfig {
  readonly type?: string
  readonly decoders?: readonly DecoderConfig[]
  readonly pattern?: { readonly String?: string }
  /** Of `Strip`: how many of `content` it takes from the beginning. */
  readonly start?: number
  /** Of `Metaspace`: whether it puts a space before a text; older files say it as `add_prefix_space`. */
  readonly prepend_scheme?: string
  readonly add_prefix_space?: boolean
}

/** The spelling that the decoder of a tokenizer.json undoes. */
export function spellingOf(decoder: DecoderConfig | null | undefined): Spelling {
  const parts = partsOf(decoder)
  if (parts.some(({ type }) => type === 'ByteLevel')) return 'byte-level'
  const replaces = ({ type, pattern }: DecoderConfig) => type === 'Replace' && pattern?.String === SPACE
  if (parts.some((part) => part.type === 'Metaspace' || replaces(part))) return 'sentencepiece'
  return 'plain'
}

/** Whether the decoder takes a space from the beginning of a text, because the tokenizer put one there. */
export function beginsWithSpace(decoder: DecoderConfig | null | undefined): boolean {
  return partsOf(decoder).some(
    ({ type, start = 0, prepend_scheme, add_prefix_space = true }) =>
      (type === 'Strip' && start > 0) ||
      (type === 'Metaspace' &&
        (prepend_scheme === undefined ? add_prefix_space : prepend_scheme !== 'never')),
  )
}

function partsOf(decoder: DecoderConfig | null | undefined): readonly DecoderConfig[] {
  return decoder?.type === 'Sequence' ? (decoder.decoders ?? []) : [decoder ?? {}]
}

/** The bytes of `entry`; added tokens are not spelt and must not be asked for. */
export function bytesOfEntry(entry: string, spelling: Spelling): Uint8Array {
  if (spelling === 'byte-level') {
    const bytes = Array.from(entry, (character) => byteOfCharacter.get(character))
    // an entry with a character that stands for no byte was put there as it is
    return bytes.includes(undefined) ? utf8.encode(entry) : Uint8Array.from(bytes as number[])
  }
  if (spelling === 'plain') return utf8.encode(entry)
  const [, digits] = /^<0x([\dA-Fa-f]{2})>$/.exec(entry) ?? []
  if (digits !== undefined) return Uint8Array.of(Number.parseInt(digits, 16))
  return utf8.encode(entry.replaceAll(SPACE, ' '))
}

const SPACE = '▁'
const utf8 = new TextEncoder()

/** Printable bytes of Latin-1 stand for themselves; the others were given the characters from U+0100 on, in order. */
const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  (() => {
    const printable = (byte: number) =>
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    let next = 0x100
    return Array.from({ length: 256 }, (_, byte): [string, number] => [
      String.fromCodePoint(printable(byte) ? byte : next++),
      byte,
    ])
  })(),
)

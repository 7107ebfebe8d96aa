// Which encoding a text is found to have, and that it reads as it was written.
import { describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { encodingOf } from '../../../src/main/corpus/encoding.ts'
import { corpusFolder, readAll } from '../../helpers/corpus.ts'

const spanish = 'El rápido zorro marrón saltó. ¿Qué pasó? Mañana será otro día: “nadie” lo sabe.'

/** In Windows-1252, of which Node writes only the part that is latin-1. */
function windows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll('“', '\x93').replaceAll('”', '\x94'), 'latin1')
}

describe('a text in', () => {
  const bigEndian = Buffer.from(`\ufeff${spanish}`, 'utf16le').swap16()
  it.each([
    ['UTF-8', Buffer.from(spanish), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${spanish}`), 'utf-8'],
    ['UTF-16', Buffer.from(`\ufeff${spanish}`, 'utf16le'), 'utf-16le'],
    ['UTF-16, big end first', bigEndian, 'utf-16be'],
    ['UTF-16 without a mark', Buffer.from(spanish, 'utf16le'), 'utf-16le'],
    ['UTF-16, big end first, without a mark', bigEndian.subarray(2), 'utf-16be'],
    ['Windows-1252', windows1252(spanish), 'windows-1252'],
  ])('%s reads as it was written', async (_what, bytes, encoding) => {
    expect(encodingOf(bytes, true)).toBe(encoding)
    const { documents } = await readAll({ path: await corpusFolder({ 'a.txt': bytes }) })
    expect(documents).toMatchObject([{ text: spanish, replaced: 0 }])
  })

  it.each([
    // "吾輩は猫である。名前はまだ無い。"
    ['shift_jis', '8ce1947982cd944c82c582a082e9814296bc914f82cd82dc82be96b382a28142'],
    ['euc-jp', 'b8e1c7daa4cfc7ada4c7a4a2a4eba1a3ccbec1b0a4cfa4dea4c0ccb5a4a4a1a3'],
    // "起初，神创造天地。地是空虚混沌"
    ['gb18030', 'c6f0b3f5a3acc9f1b4b4d4ecccecb5d8a1a3b5d8cac7bfd5d0e9bbecb1e7'],
    // "В начале сотворил Бог небо и землю" three times
    ['windows-1251', 'c220ede0f7e0ebe520f1eef2e2eef0e8eb20c1eee320ede5e1ee20e820e7e5ecebfe2e20'.repeat(3)],
  ])('%s is found', (encoding, hex) => {
    expect(encodingOf(Buffer.from(hex, 'hex'), true)).toBe(encoding)
  })

  it('no known way is told from text', () => {
    expect(encodingOf(Buffer.from('7f454c4602010100000000000000000003003e00', 'hex'), true)).toBe('binary')
    expect(encodingOf(Buffer.from('fffe0000480000006900000021000000', 'hex'), true)).toBe('binary')
    expect(encodingOf(Buffer.from('\x1b[31mcolour\x1b[0m\tand\fform feed\r\n'), true)).toBe('utf-8')
    expect(encodingOf(Buffer.alloc(0), true)).toBe('utf-8')
  })

  it('UTF-8 stays so where a few bytes are broken, and where the sample cuts a character', () => {
    expect(encodingOf(Buffer.concat([Buffer.from(spanish), Buffer.from([0xff])]), true)).toBe('utf-8')
    for (let end = 1; end <= 4; end++) {
      expect(encodingOf(Buffer.from('Zorro 🦊').subarray(0, 6 + end), false)).toBe('utf-8')
    }
  })
})

it('a text whose broken bytes lie behind the sample is read with them replaced', async () => {
  const text = Buffer.concat([
    Buffer.alloc(1_200_000, 'The same old line.\n'),
    Buffer.from([0xe9, 0x20, 0xff]),
  ])
  const { documents } = await readAll({ path: join(await corpusFolder({ 'a.txt': text })) })
  expect(documents).toMatchObject([{ replaced: 2 }])
})

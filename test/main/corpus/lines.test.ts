// JSON lines as they come: compressed, cut off, malformed, without text, broken, and longer than memory.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LONGEST_RECORD } from '../../../src/main/corpus/record.ts'
import { LONGEST_TEXT } from '../../../src/main/corpus/text.ts'
import { corpusFolder, jsonLines, readAll } from '../../helpers/corpus.ts'

const records = Array.from({ length: 500 }, (_, index) => ({
  text: `Document ${index}. `.repeat(1 + (index % 40)),
  meta: { pile_set_name: index % 2 ? 'Books' : 'Code', lang: 'en' },
}))
const texts = records.map(({ text }) => text)
const fields = { stratumField: 'meta.pile_set_name', languageField: 'meta.lang' }

async function file(name: string, content: string | Uint8Array) {
  return join(await corpusFolder({ [name]: content }), name)
}

describe('JSON lines', () => {
  it('give text, stratum, language and the rest of each record', async () => {
    const { documents } = await readAll({ path: await file('a.jsonl', jsonLines(records)), ...fields })
    expect(documents.map(({ text }) => text)).toEqual(texts)
    expect(documents[11]).toEqual({
      ordinal: 11,
      source: 'a.jsonl:12',
      text: texts[11],
      stratum: 'Books',
      language: 'en',
      meta: { meta: { pile_set_name: 'Books', lang: 'en' } },
      replaced: 0,
    })
  })

  it('ship as a demo', async () => {
    const { documents, skipped } = await readAll({ path: 'resources/demo/corpus/demo.jsonl.zst', ...fields })
    expect(documents).toHaveLength(1906)
    expect(skipped).toEqual([])
    expect(new Set(documents.map(({ stratum }) => stratum))).toEqual(
      new Set(['Scripture', 'Fiction', 'Computing', 'Medical', 'Python']),
    )
  })

  const lines = Buffer.from(jsonLines(records))
  const half = lines.indexOf(10, lines.length / 2) + 1
  const pieces = [lines.subarray(0, 100), lines.subarray(100, half), lines.subarray(half)]
  it.each([
    ['gzip of several members', 'a.jsonl.gz', Buffer.concat(pieces.map((piece) => gzipSync(piece)))],
    [
      'Zstandard of several frames',
      'a.jsonl.zst',
      Buffer.concat(pieces.map((piece) => zstdCompressSync(piece))),
    ],
    [
      'Zstandard with the largest window',
      'a.ndjson.zst',
      zstdCompressSync(lines, { params: { [constants.ZSTD_c_windowLog]: 31 } }),
    ],
    ['lines that end as on Windows', 'a.jsonl', lines.toString().replaceAll('\n', '\r\n')],
    ['UTF-16', 'a.jsonl', Buffer.from(`\ufeff${lines.toString()}`, 'utf16le')],
    ['no feed behind the last line', 'a.jsonl', lines.subarray(0, -1)],
  ])('come with %s', async (_what, name, content) => {
    const { documents, skipped } = await readAll({ path: await file(name, content) })
    expect(documents.map(({ text }) => text)).toEqual(texts)
    expect(skipped).toEqual([])
  })

  it.each([
    ['gz', gzipSync(lines)],
    ['zst', zstdCompressSync(lines)],
  ])('are read as far as a cut %s goes', async (ending, whole) => {
    const cut = await readAll({ path: await file(`a.jsonl.${ending}`, whole.subarray(0, -9)) })
    expect(cut.skipped).toMatchObject([{ reason: 'damaged', source: `a.jsonl.${ending}` }])
    expect(cut.documents.length).toBeGreaterThan(300)
    expect(cut.documents.map(({ text }) => text)).toEqual(texts.slice(0, cut.documents.length))
    const trailing = await readAll({
      path: await file(`a.jsonl.${ending}`, Buffer.concat([whole, lines.subarray(0, 99)])),
    })
    // zlib keeps back the last few kilobytes in front of something that is none
    expect(trailing.documents.length).toBeGreaterThan(ending === 'gz' ? 400 : 499)
    expect(trailing.skipped).toMatchObject([{ reason: 'damaged' }])
  })

  it('that are no documents are skipped with the reason, and the rest is read', async () => {
    const path = await file(
      'a.jsonl',
      [
        '{"text": "first"}',
        '{"text": "cut off',
        '',
        '["text"]',
        '{"body": "b"}',
        '{"text": 5}',
        '{"text": " \\n"}',
        '{"text": "half a \\ud83d pair", "__proto__": 1}',
        '{"text": "last"}',
      ].join('\n'),
    )
    const { documents, skipped } = await readAll({ path })
    expect(documents.map(({ source, text, replaced }) => [source, text, replaced])).toEqual([
      ['a.jsonl:1', 'first', 0],
      ['a.jsonl:8', 'half a \ufffd pair', 1],
      ['a.jsonl:9', 'last', 0],
    ])
    expect(skipped.map(({ source, reason }) => `${source} ${reason}`)).toEqual([
      'a.jsonl:2 malformed',
      'a.jsonl:4 malformed',
      'a.jsonl:5 no-text',
      'a.jsonl:6 no-text',
      'a.jsonl:7 empty',
    ])
  })

  it('with broken bytes keep the rest of their text, and the bytes are counted', async () => {
    const genuine = Buffer.from('{"text": "fine \ufffd já"}\n')
    const broken = Buffer.concat([
      Buffer.from('{"text": "broken '),
      Buffer.from([0xff, 0xe9]),
      Buffer.from(' é"}\n'),
    ])
    const { documents } = await readAll({ path: await file('a.jsonl', Buffer.concat([genuine, broken])) })
    expect(documents.map(({ text, replaced }) => [text, replaced])).toEqual([
      ['fine \ufffd já', 0],
      ['broken \ufffd\ufffd é', 2],
    ])
  })

  it('of more than memory should hold are skipped without being held', async () => {
    const path = await file('a.jsonl', '')
    const stream = createWriteStream(path)
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    stream.write('{"text": "before"}\n{"text": "')
    for (let written = 0; written <= 1.6 * LONGEST_RECORD; written += megabyte.length) {
      if (!stream.write(megabyte)) await once(stream, 'drain')
    }
    stream.end('"}\n{"text": "behind"}\n')
    await once(stream, 'close')
    const { documents, skipped } = await readAll({ path })
    expect(documents.map(({ source, text }) => [source, text])).toEqual([
      ['a.jsonl:1', 'before'],
      ['a.jsonl:3', 'behind'],
    ])
    expect(skipped).toMatchObject([{ source: 'a.jsonl:2', reason: 'too-long' }])
  })

  it('with a very long text become several documents', async () => {
    const text = 'word '.repeat(LONGEST_TEXT / 4)
    const { documents } = await readAll({ path: await file('a.jsonl', jsonLines([{ text, id: 7 }])) })
    expect(documents.map(({ source, meta }) => [source, meta])).toEqual([
      ['a.jsonl:1', { id: 7 }],
      ['a.jsonl:1 (part 2)', { id: 7 }],
    ])
    expect(documents.map((document) => document.text).join('') === text).toBe(true)
  })
})

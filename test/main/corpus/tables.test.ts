// CSV and Parquet: columns, quoting, broken rows, every compression of pages, and what a damaged file still gives.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readCsv } from '../../../src/main/corpus/read-csv.ts'
import { corpusFolder, readAll } from '../../helpers/corpus.ts'

async function csv(content: string | Uint8Array, name = 'a.csv') {
  return join(await corpusFolder({ [name]: content }), name)
}

describe('CSV', () => {
  it('gives the chosen column, with quotes, delimiters and line feeds in it, and the others beside it', async () => {
    const path = await csv('id,body,lang\r\n1,"He said ""no"",\r\nand left.",en\r\n2,plain,es\r\n')
    const { documents, skipped } = await readAll({ path, textField: 'body', languageField: 'lang' })
    expect(documents).toMatchObject([
      {
        source: 'a.csv:1',
        text: 'He said "no",\r\nand left.',
        language: 'en',
        meta: { id: '1', lang: 'en' },
      },
      { source: 'a.csv:2', text: 'plain', language: 'es' },
    ])
    expect(skipped).toEqual([])
  })

  it.each([
    ['tabs', 'id\ttext\n1\tone, two; three\n'],
    ['semicolons', 'id;text\n1;one, two| three\n'],
    ['a byte order mark', '\ufeffid,text\n1,"one, two"\n'],
    ['UTF-16', Buffer.from('\ufeffid,text\n1,"one, two é"\n', 'utf16le')],
  ])('comes with %s', async (_what, content) => {
    const { documents } = await readAll({ path: await csv(content) })
    expect(documents).toMatchObject([
      { text: expect.stringMatching(/^one, two/) as string, meta: { id: '1' } },
    ])
  })

  it('has rows that are none, which are skipped in their place', async () => {
    const rows = Array.from({ length: 3_000 }, (_, index) =>
      index % 1_000 === 500 ? `${index},a,b` : `${index},text ${index}`,
    )
    const { items, documents, skipped } = await readAll({
      path: await csv(gzipSync(`id,text\n${rows.join('\n')}\n`), 'a.csv.gz'),
    })
    expect(documents).toHaveLength(2_997)
    expect(skipped.map(({ ordinal, source, reason }) => [ordinal, source, reason])).toEqual([
      [500, 'a.csv.gz:501', 'malformed'],
      [1_500, 'a.csv.gz:1501', 'malformed'],
      [2_500, 'a.csv.gz:2501', 'malformed'],
    ])
    expect(
      items.every(
        (item, index) => (item.kind === 'document' ? item.document.ordinal : item.ordinal) === index,
      ),
    ).toBe(true)
  })

  it('counts broken bytes', async () => {
    const path = await csv(
      Buffer.concat([Buffer.from('text\né, olé,\n'.replaceAll(',', '')), Buffer.from([0x61, 0xff, 0x0a])]),
    )
    expect((await readAll({ path })).documents.map(({ replaced }) => replaced)).toEqual([0, 1])
  })

  it('without the column says which there are', async () => {
    const failed = readAll({ path: await csv('id,body\n1,x\n') })
    await expect(failed).rejects.toMatchObject({
      code: 'corpus/empty',
      message: expect.stringContaining('its columns are: id, body') as string,
    })
  })

  it('with a quote that is never closed ends there, whatever follows', async () => {
    const small = await readAll({ path: await csv('text\nfirst\n"never closed\n') })
    expect(small.documents).toHaveLength(1)
    expect(small.skipped).toMatchObject([{ reason: 'malformed' }])
    async function* chunks() {
      for (let count = 0; count < 1_000; count++) {
        yield await Promise.resolve(Buffer.from(count === 0 ? 'text\nfirst\n"' : 'never closed\n'))
      }
    }
    const entries = []
    for await (const entry of readCsv({ chunks: chunks() }, {}, 5_000)) entries.push(entry)
    expect(entries).toMatchObject([
      { kind: 'text', text: 'first' },
      { kind: 'skipped', place: ':2', reason: 'damaged' },
    ])
  })
})

describe('Parquet', () => {
  const fields = { stratumField: 'meta.pile_set_name', languageField: 'lang' }

  it.each(['none', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli'])(
    'is read with pages packed by %s',
    async (codec) => {
      const { documents, skipped } = await readAll({ path: `test/golden/corpus/${codec}.parquet`, ...fields })
      expect(documents).toHaveLength(23)
      expect(documents[20]).toEqual({
        ordinal: 22,
        source: `${codec}.parquet:23`,
        text: 'Document 22: the quick brown fox – naïve, 日本語. '.repeat(3),
        stratum: 'Code',
        language: 'es',
        meta: {
          id: 2 ** 40 + 22,
          meta: { pile_set_name: 'Code', n: 22 },
          lang: 'es',
          when: '2026-01-01T22:00:00.000Z',
          score: 11,
        },
        replaced: 0,
      })
      expect(skipped.map(({ source, reason }) => `${source} ${reason}`)).toEqual([
        `${codec}.parquet:8 empty`,
        `${codec}.parquet:10 no-text`,
      ])
    },
  )

  it('counts broken bytes', async () => {
    const { documents } = await readAll({ path: 'test/golden/corpus/broken-utf8.parquet' })
    expect(documents.map(({ text, replaced }) => [text, replaced])).toEqual([
      ['fine \ufffd', 0],
      ['caf\ufffd ol\ufffd', 2],
    ])
  })

  it('without the column says which there are', async () => {
    await expect(
      readAll({ path: 'test/golden/corpus/none.parquet', textField: 'content' }),
    ).rejects.toMatchObject({
      code: 'corpus/empty',
      message: expect.stringContaining('its columns are: text, id, meta, lang, when, score, tags') as string,
    })
  })

  it('gives the groups of rows that are whole', async () => {
    const damaged = await readFile('test/golden/corpus/zstd.parquet')
    // in the first pages of the second group
    damaged.fill(0xaa, 1_300, 1_800)
    const { documents, skipped } = await readAll({ path: await csv(damaged, 'a.parquet'), ...fields })
    expect(skipped.some(({ reason, source }) => reason === 'damaged' && source === 'a.parquet:11-20')).toBe(
      true,
    )
    expect(documents.filter(({ ordinal }) => ordinal > 10)).toHaveLength(5)
  })

  it('that ends too early is damaged', async () => {
    const half = (await readFile('test/golden/corpus/zstd.parquet')).subarray(0, 4_000)
    const path = await corpusFolder({ 'a.parquet': half, 'b.txt': 'b', 'c.parquet': '' })
    const { documents, skipped } = await readAll({ path })
    expect(documents).toHaveLength(1)
    expect(skipped.map(({ source, reason }) => `${source} ${reason}`)).toEqual([
      'a.parquet damaged',
      'c.parquet damaged',
    ])
  })
})

// Data sets of the Hub, from a server on this machine: which files, fetched one by one, cut, continued and removed.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readCorpus } from '../../../src/main/corpus/corpus.ts'
import { datasetOf } from '../../../src/main/corpus/dataset-files.ts'
import { previewCorpus } from '../../../src/main/corpus/preview.ts'
import { corpusPresets, corpusSpecSchema } from '../../../src/shared/corpus.ts'
import { jsonLines, readAll } from '../../helpers/corpus.ts'
import { sendCut, sendFile, serve } from '../../helpers/file-server.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const sha = 'a'.repeat(40)

function shard(name: string, count: number): Buffer {
  const records = Array.from({ length: count }, (_, index) => ({
    text: `${name} ${index}: ${createHash('sha256').update(`${name}${index}`).digest('hex').repeat(8)}`,
    meta: { pile_set_name: index % 2 ? 'Books' : 'Code' },
  }))
  return zstdCompressSync(jsonLines(records))
}

const shards = {
  'train/00.jsonl.zst': shard('00', 300),
  'train/01.jsonl.zst': shard('01', 300),
  'train/02.jsonl.zst': shard('02', 5),
  'test.jsonl.zst': shard('test', 2),
  'README.md': Buffer.from('# A data set'),
}

interface Hub {
  readonly files?: Readonly<Record<string, Buffer>>
  readonly cardData?: unknown
  /** Answers for a file in the place of the server, by returning true. */
  readonly instead?: (path: string, request: IncomingMessage, response: ServerResponse) => boolean
}

/** A Hub with one data set; `fetched` lists the files that were asked for. */
async function hub({ files = shards, cardData, instead }: Hub = {}) {
  const fetched: string[] = []
  const { url, asked } = await serve((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    if (path.startsWith('/api/datasets/owner/name/revision/')) {
      const siblings = Object.entries(files).map(([rfilename, content]) => ({
        rfilename,
        size: content.length,
        lfs: { sha256: createHash('sha256').update(content).digest('hex'), size: content.length },
      }))
      response.end(JSON.stringify({ id: 'owner/name', sha, siblings, cardData }))
      return
    }
    const name = path.replace(`/datasets/owner/name/resolve/${sha}/`, '')
    const content = files[name]
    if (!content) return void response.writeHead(path.startsWith('/api') ? 401 : 404).end()
    fetched.push(name)
    if (!instead?.(name, request, response)) sendFile(content, request, response)
  })
  const cache = join(await temporaryFolder(), 'cache')
  return { options: { endpoint: url, cache }, cache, fetched, asked }
}

const path = 'hf:owner/name'

describe('a data set', () => {
  it('is read file by file, each of which is removed before the next is fetched', async () => {
    const { options, cache, fetched, asked } = await hub()
    const here: number[] = []
    let last = ''
    for await (const item of readCorpus(
      { path, stratumField: 'meta.pile_set_name' },
      { ...options, token: 'secret' },
    )) {
      const source = item.kind === 'document' ? item.document.source : item.source
      if (source.split(':')[0] !== last) here.push((await readdir(cache)).length)
      last = source.split(':')[0]!
    }
    expect(here).toEqual([1, 1, 1])
    expect(await readdir(cache)).toEqual([])
    expect(fetched).toEqual(['train/00.jsonl.zst', 'train/01.jsonl.zst', 'train/02.jsonl.zst'])
    expect(asked.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true)
    const { documents } = await readAll({ path, stratumField: 'meta.pile_set_name' }, options)
    expect(documents).toHaveLength(605)
    expect(documents[1]).toMatchObject({ source: 'train/00.jsonl.zst:2', stratum: 'Books' })
  })

  it('is continued where the connection was cut, and where the reading was', async () => {
    let cuts = 0
    const instead: Hub['instead'] = (name, _request, response) => {
      if (name !== 'train/01.jsonl.zst' || cuts > 0) return false
      cuts++
      const content = shards[name]
      sendCut(content.subarray(0, 5_000), content.length, response, { folder: cache })
      return true
    }
    const { options, cache, fetched, asked } = await hub({ instead })
    const marks: { index: number; id: string; ordinal: number }[] = []
    const { items } = await readAll({ path }, { ...options, onFile: (mark) => marks.push(mark) })
    expect(asked.some(({ headers }) => headers.range === 'bytes=5000-')).toBe(true)

    // stopped in the second file, which then is here already
    for await (const item of readCorpus({ path }, options)) {
      if (item.kind === 'document' && item.document.ordinal === 450) break
    }
    fetched.length = 0
    const rest = await readAll({ path }, { ...options, start: marks[1]! })
    expect(rest.items).toEqual(items.slice(300))
    expect(fetched).toEqual(['train/02.jsonl.zst'])
  })

  it('does not appear with a checksum that is not the Hub’s', async () => {
    const { options, cache } = await hub({
      instead: (name, request, response) => {
        sendFile(Buffer.alloc(shards[name as keyof typeof shards].length), request, response)
        return true
      },
    })
    await expect(readAll({ path }, options)).rejects.toMatchObject({ code: 'download/checksum' })
    expect(await readdir(cache)).toEqual([])
  })

  const card = {
    configs: [
      {
        config_name: 'en',
        default: true,
        data_files: [
          { split: 'train', path: ['en/tr*.jsonl'] },
          { split: 'test', path: 'en/te*' },
        ],
      },
      { config_name: 'es', data_files: 'es/*' },
    ],
  }
  const data = jsonLines([{ text: 'x' }])
  const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, Buffer.from(data)]))
  const both = named('en/train-0.jsonl', 'en/train-1.jsonl', 'en/test.jsonl', 'es/all.jsonl', 'notes.txt')
  it.each([
    ['the default config of the card', '', card, both, ['en/train-0.jsonl', 'en/train-1.jsonl']],
    ['a config and split', '#en/test', card, both, ['en/test.jsonl']],
    ['a config without splits', '#es', card, both, ['es/all.jsonl']],
    ['a folder where the card says nothing', '#es', undefined, both, ['es/all.jsonl']],
    ['a split of a folder', '#en/test', undefined, both, ['en/test.jsonl']],
    [
      'all files where none is of a split',
      '',
      undefined,
      named('b.jsonl', 'a.jsonl'),
      ['a.jsonl', 'b.jsonl'],
    ],
    ['another split', '#/test', undefined, shards, ['test.jsonl.zst']],
  ])('gives %s', async (_what, ending, cardData, files, wanted) => {
    const { options, fetched } = await hub({ files, cardData })
    await readAll({ path: path + ending }, options)
    expect(fetched).toEqual(wanted)
  })

  it('that has no such files, is not there, or is no data set is one clear error', async () => {
    const { options } = await hub({ cardData: card, files: both })
    await expect(readAll({ path: 'hf:owner/name#fr' }, options)).rejects.toMatchObject({
      code: 'corpus/empty',
      hint: 'Its configs are en, es.',
    })
    const zipped = await hub({ files: named('data.zip') })
    await expect(readAll({ path }, zipped.options)).rejects.toMatchObject({
      hint: expect.stringContaining('@refs/convert/parquet') as string,
    })
    await expect(readAll({ path: 'hf:owner/other' }, options)).rejects.toMatchObject({
      code: 'corpus/dataset',
    })
    for (const bad of ['hf:', 'hf:../x', 'hf:a/b/c']) {
      await expect(readAll({ path: bad }, options)).rejects.toMatchObject({ code: 'corpus/dataset' })
    }
  })

  it('is looked at without being fetched whole', async () => {
    const large = shard('large', 20_000)
    const { options, cache } = await hub({
      files: { 'train/0.jsonl.zst': large, 'train/1.jsonl.zst': large },
    })
    const preview = await previewCorpus({ path, stratumField: 'meta.pile_set_name' }, options)
    expect(preview).toMatchObject({ files: 2, bytes: 2 * large.length, complete: false })
    expect(preview.sample.strata.map(({ name }) => name).sort()).toEqual(['Books', 'Code'])
    const characters = 40_000 * 522
    expect(preview.estimate.tokens! / (characters / 4)).toBeGreaterThan(0.8)
    expect(preview.estimate.tokens! / (characters / 4)).toBeLessThan(1.2)
    await expect(readdir(cache)).rejects.toThrow()
  })
})

it('a name is taken apart', () => {
  expect(datasetOf('hf:a/b@refs/convert/parquet#c/d')).toEqual({
    id: 'a/b',
    revision: 'refs/convert/parquet',
    config: 'c',
    split: 'd',
  })
  expect(datasetOf('hf:a/b')).toEqual({ id: 'a/b', revision: 'main', config: null, split: null })
})

it('the presets are well formed', () => {
  for (const { spec } of corpusPresets) {
    expect(corpusSpecSchema.parse(spec)).toEqual(spec)
    expect(datasetOf(spec.path).revision).toBe('main')
  }
})

// Folders of texts: which files are read and in which order, what is skipped and why, and what ends with an error.
import { execFileSync } from 'node:child_process'
import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LONGEST_TEXT } from '../../../src/main/corpus/text.ts'
import { corpusFolder, jsonLines, readAll } from '../../helpers/corpus.ts'

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

describe('a folder', () => {
  it('is read sorted by path, its first folders being the strata', async () => {
    const path = await corpusFolder({
      'b.md': '# B',
      'a/z.txt': 'z',
      'a.txt': 'a',
      'a/deep/code.py': 'print()',
      'c/picture.txt': png,
      'c/data.jsonl': jsonLines([{ text: 'one' }, { text: 'two' }]),
      'photo.png': png,
      '.git/config.txt': 'not a text of yours',
      'node_modules/x/readme.md': 'nor this',
      README: 'Read me.',
      'late.TXT.gz': gzipSync('late'),
    })
    const { documents, skipped, items } = await readAll({ path })
    expect(documents.map(({ source, stratum }) => [source, stratum])).toEqual([
      ['README', null],
      ['a.txt', null],
      ['a/deep/code.py', 'a'],
      ['a/z.txt', 'a'],
      ['b.md', null],
      ['c/data.jsonl:1', 'c'],
      ['c/data.jsonl:2', 'c'],
      ['late.TXT.gz', null],
    ])
    expect(skipped).toMatchObject([{ source: 'c/picture.txt', reason: 'binary' }])
    expect(items.map((item) => (item.kind === 'document' ? item.document.ordinal : item.ordinal))).toEqual(
      items.map((_, index) => index),
    )
    expect(documents.at(-1)?.text).toBe('late')
  })

  it('takes the files that are asked for, and the strata of a field where one is', async () => {
    const path = await corpusFolder({
      'a/x.log': 'x',
      'a/y.txt': 'y',
      'b/z.jsonl': jsonLines([{ text: 'z', meta: { set: 'S' } }]),
    })
    expect((await readAll({ path, include: ['*.log'] })).documents.map(({ source }) => source)).toEqual([
      'a/x.log',
    ])
    expect((await readAll({ path, include: ['a/*'] })).documents).toHaveLength(2)
    const { documents } = await readAll({ path, stratumField: 'meta.set' })
    expect(documents.map(({ stratum }) => stratum)).toEqual([null, 'S'])
  })

  it('follows links, but in no circle and to no folder twice', async () => {
    const path = await corpusFolder({ 'a/one.txt': '1', 'd/two.txt': '2' })
    await symlink('..', join(path, 'a/up'))
    await symlink('a', join(path, 'b'))
    await symlink('nowhere', join(path, 'gone.txt'))
    await symlink('self.txt', join(path, 'self.txt'))
    const away = await corpusFolder({ 'three.txt': '3' })
    await symlink(away, join(path, 'c'))
    const { documents, skipped } = await readAll({ path })
    expect(documents.map(({ source }) => source)).toEqual(['a/one.txt', 'c/three.txt', 'd/two.txt'])
    expect(skipped.map(({ source, reason }) => `${source} ${reason}`)).toEqual([
      'a/up/ not-a-file',
      'b/ not-a-file',
      'gone.txt unreadable',
      'self.txt unreadable',
    ])
  })

  it.runIf(process.platform === 'linux')('never waits for a pipe', async () => {
    const path = await corpusFolder({ 'a.txt': 'a' })
    execFileSync('mkfifo', [join(path, 'pipe.txt')])
    expect((await readAll({ path })).skipped).toMatchObject([{ source: 'pipe.txt', reason: 'not-a-file' }])
    await expect(readAll({ path: join(path, 'pipe.txt') })).rejects.toMatchObject({
      code: 'corpus/not-a-file',
    })
  })

  it.runIf(process.getuid?.() !== 0)('skips what may not be read', async () => {
    const path = await corpusFolder({ 'a.txt': 'a', 'b.txt': 'b' })
    await chmod(join(path, 'a.txt'), 0)
    const { documents, skipped } = await readAll({ path })
    expect(documents).toHaveLength(1)
    expect(skipped).toMatchObject([{ source: 'a.txt', reason: 'unreadable', detail: 'you may not read it' }])
  })

  it('tells how far it is, in bytes', async () => {
    const path = await corpusFolder({ 'a.txt': 'a'.repeat(300_000), 'b.txt': 'b'.repeat(1_000) })
    const seen: [number, number][] = []
    await readAll({ path }, { onProgress: (done, total) => seen.push([done, total]) })
    expect(seen.at(-1)).toEqual([301_000, 301_000])
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).toSorted((a, b) => a - b))
  })

  it('stops when asked to', async () => {
    const path = await corpusFolder({ 'a.txt': 'a', 'b.txt': 'b' })
    await expect(readAll({ path }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    })
  })

  it('can be read from any of its files on, unless that became another', async () => {
    const path = await corpusFolder({
      'a.txt': 'a',
      'b.jsonl': jsonLines([{ text: 'b' }, { no: 1 }]),
      'c.txt': 'c',
    })
    const marks: Parameters<NonNullable<Parameters<typeof readAll>[1]>['onFile'] & object>[0][] = []
    const { items } = await readAll({ path }, { onFile: (mark) => marks.push(mark) })
    expect(marks.map(({ ordinal }) => ordinal)).toEqual([0, 1, 3])
    for (const start of marks) {
      expect((await readAll({ path }, { start })).items).toEqual(items.slice(start.ordinal))
    }
    await writeFile(join(path, 'b.jsonl'), 'longer than before, whatever it is')
    await expect(readAll({ path }, { start: marks[1]! })).rejects.toMatchObject({ code: 'corpus/changed' })
    await expect(readAll({ path }, { start: { ...marks[1]!, index: 9 } })).rejects.toMatchObject({
      code: 'corpus/changed',
    })
  })
})

describe('a corpus that is none', () => {
  it.each([
    ['without a file', {}, /No file of/],
    ['of pictures', { 'a.png': png }, /No file of/],
    ['of binary files', { 'a.txt': png }, /a\.txt is binary/],
    ['of empty files', { 'a.txt': '', 'b.txt': ' \n' }, /a\.txt is empty/],
    ['of no lines', { 'a.jsonl': '', 'b.jsonl': '\n\n' }, /a\.jsonl is empty/],
    [
      'with another field',
      { 'a.jsonl': jsonLines([{ body: 'b', url: 'u' }]) },
      /no field "text"; its fields are: body, url/,
    ],
  ])('is one clear error: a folder %s', async (_what, files, message) => {
    const path = await corpusFolder(files)
    const failed = readAll({ path })
    await expect(failed).rejects.toMatchObject({
      kind: 'expected',
      code: 'corpus/empty',
      message: expect.stringMatching(message) as string,
    })
    await expect(failed).rejects.toHaveProperty('hint')
  })

  it('is said to be missing', async () => {
    await expect(readAll({ path: '/nowhere/at/all' })).rejects.toMatchObject({ code: 'corpus/missing' })
  })
})

describe('a text file', () => {
  it('becomes several documents when it is very long, and nothing of it is lost', async () => {
    const paragraph = `${'All work and no play. '.repeat(40)}¡Así es! 🦊\n\n`
    const text = paragraph.repeat(Math.ceil((2.5 * LONGEST_TEXT) / paragraph.length))
    const path = await corpusFolder({
      'long.txt.zst': zstdCompressSync(text),
      'solid.txt': '🦊'.repeat(LONGEST_TEXT / 3),
    })
    const { documents } = await readAll({ path })
    const long = documents.filter(({ source }) => source.startsWith('long'))
    expect(long.map(({ source }) => source)).toEqual([
      'long.txt.zst',
      'long.txt.zst (part 2)',
      'long.txt.zst (part 3)',
    ])
    expect(long.map((document) => document.text).join('') === text).toBe(true)
    expect(long[0]?.text.endsWith('\n\n')).toBe(true)
    const solid = documents.filter(({ source }) => source.startsWith('solid'))
    expect(solid).toHaveLength(2)
    expect(solid.every(({ replaced, text: part }) => replaced === 0 && part.isWellFormed())).toBe(true)
  })
})

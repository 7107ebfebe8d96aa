// The first look at a corpus: counts, samples, strata, languages only where they are named, and estimates near the truth.
import { describe, expect, it } from 'vitest'
import { previewCorpus } from '../../../src/main/corpus/preview.ts'
import { corpusPreviewSchema } from '../../../src/shared/corpus.ts'
import { corpusFolder, jsonLines } from '../../helpers/corpus.ts'

const path = 'resources/demo/corpus/demo.jsonl.zst'

describe('a preview', () => {
  it('of the demo corpus knows it all', async () => {
    const fields = { stratumField: 'meta.pile_set_name', languageField: 'meta.lang' }
    const preview = corpusPreviewSchema.parse(await previewCorpus({ path, ...fields }))
    expect(preview).toMatchObject({ files: 1, bytes: 875_866, complete: true })
    expect(preview.sample).toMatchObject({ read: 1906, used: 1906, skipped: {}, characters: 3_131_994 })
    expect(preview.sample.strata.map(({ name }) => name)).toEqual([
      'Scripture',
      'Fiction',
      'Python',
      'Computing',
      'Medical',
    ])
    expect(preview.sample.languages.map(({ name }) => name)).toEqual(['en', 'es', 'code'])
    expect(preview.estimate).toEqual({
      tokens: Math.round(3_131_994 / 4),
      charactersPerToken: 4,
      counted: null,
    })
    expect(preview.documents).toHaveLength(12)
    expect(
      preview.documents.every(({ text, characters }) => text.length <= Math.min(2_000, characters)),
    ).toBe(true)
  })

  it('does not guess languages', async () => {
    const { sample } = await previewCorpus({ path })
    expect(sample.languages).toEqual([{ name: null, documents: 1906, characters: 3_131_994 }])
  })

  it('tells how its files are encoded', async () => {
    const cafe = 'Le café était fermé, et la forêt très sombre; l’été à peine commencé. '
    const folder = await corpusFolder({
      'a.txt': cafe.repeat(20),
      'b.txt': 'Plain.',
      'c.txt': Buffer.from(cafe.replace('’', "'").repeat(20), 'latin1'),
      'd.txt': Buffer.from(`\ufeff${cafe}`, 'utf16le'),
      'e.bin.txt': '\0\0\0',
    })
    const { encodings } = corpusPreviewSchema.parse(await previewCorpus({ path: folder }))
    expect(encodings).toEqual([
      { encoding: 'utf-8', files: 2 },
      { encoding: 'utf-16le', files: 1 },
      { encoding: 'windows-1252', files: 1 },
    ])
  })

  it('lists the largest strata and adds up the others', async () => {
    const records = Array.from({ length: 2_000 }, (_, index) => ({
      text: 'x'.repeat(1 + (index % 500)),
      set: `s${index % 500}`,
    }))
    const folder = await corpusFolder({ 'a.jsonl': jsonLines(records) })
    const { sample, more } = await previewCorpus({ path: folder, stratumField: 'set' })
    expect(sample.strata).toHaveLength(100)
    expect(sample.strata[0]).toEqual({ name: 's499', documents: 4, characters: 2_000 })
    // 1 to 400, four times each
    expect(more.strata).toEqual({ names: 400, documents: 1_600, characters: 4 * 200 * 401 })
    expect(more.languages).toEqual({ names: 0, documents: 0, characters: 0 })
  })

  it('of many files looks into some of them, from the first to the last', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `${index < 100 ? 'a' : 'b'}/${String(index).padStart(3, '0')}.txt`,
        `Text ${index}. `.repeat(100),
      ]),
    )
    const preview = await previewCorpus({ path: await corpusFolder({ ...files, 'b/x.txt': '\0\0\0' }) })
    expect(preview).toMatchObject({ files: 201, complete: false })
    expect(preview.sample.strata.map(({ name }) => name).sort()).toEqual(['a', 'b'])
    expect(preview.documents).toHaveLength(12)
    const characters = Object.values(files).join('').length
    expect(preview.estimate.tokens! / (characters / 4)).toBeCloseTo(1, 1)
  })

  it.each([
    ['values of the stratum field', { text: 'good', set: 'n'.repeat(20_000) }, 300],
    [
      'names of fields',
      Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`${key}${'k'.repeat(20_000)}`, 1])),
      40,
    ],
  ])('stays small whatever the length of %s', async (_, record, count) => {
    const records = Array.from({ length: count }, (__, index) => ({ ...record, id: index }))
    const folder = await corpusFolder({ 'a.jsonl': jsonLines([{ text: 'good', set: 'Prose' }, ...records]) })
    const preview = await previewCorpus({ path: folder, stratumField: 'set' })
    expect(preview.sample.read).toBe(count + 1)
    expect(preview.sample.strata.some(({ name }) => name === 'Prose')).toBe(true)
    expect(JSON.stringify(preview).length).toBeLessThan(100_000)
  })

  it('of a large file reads its beginning', async () => {
    const records = Array.from({ length: 60_000 }, (_, index) => ({
      text: `Document ${index} is one of many. `.repeat(8),
      index,
    }))
    const preview = await previewCorpus({ path: await corpusFolder({ 'a.jsonl': jsonLines(records) }) })
    expect(preview.complete).toBe(false)
    expect(preview.sample.read).toBe(20_000)
    const characters = records.reduce((sum, { text }) => sum + text.length, 0)
    expect(preview.estimate.tokens! / (characters / 4)).toBeGreaterThan(0.9)
    expect(preview.estimate.tokens! / (characters / 4)).toBeLessThan(1.1)
  })

  it('of nothing is an error', async () => {
    await expect(previewCorpus({ path: await corpusFolder({}) })).rejects.toMatchObject({
      code: 'corpus/empty',
    })
    await expect(previewCorpus({ path: '/nowhere' })).rejects.toMatchObject({ code: 'corpus/missing' })
  })
})

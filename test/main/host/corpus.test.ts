// First looks at a corpus through the contract: what is in it, counted by a model, errors with a hint, cancelled with the call.
import { describe, expect, it } from 'vitest'
import { corpusFolder, jsonLines } from '../../helpers/corpus.ts'
import { testHost } from '../../helpers/host.ts'
import { demoLlama, tinyLlama } from '../../helpers/llama.ts'

const record = (text: unknown, set: string) => ({ text, meta: { pile_set_name: set } })

describe('a look at a corpus', () => {
  it('counts strata, faults and tokens, by a rule of thumb or by a model’s tokenizer', async () => {
    const { client } = await testHost()
    const lines = jsonLines([
      record('All is well. '.repeat(50), 'Prose'),
      record('x = 1\n'.repeat(40), 'Code'),
      record(7, 'Code'),
    ])
    const path = await corpusFolder({ 'a.jsonl': `${lines}{"text": "cut`, 'b.bin': '\0\x01\x02' })
    const spec = { path: `${path}/a.jsonl`, stratumField: 'meta.pile_set_name' }
    const rough = await client.call('corpus.preview', { spec })
    expect(rough).toMatchObject({
      ...{ files: 1, complete: true },
      sample: {
        used: 2,
        skipped: { 'no-text': 1, malformed: 1 },
        strata: [{ name: 'Prose' }, { name: 'Code' }],
      },
      estimate: { charactersPerToken: 4, counted: null, tokens: Math.round((650 + 240) / 4) },
    })
    const counted = await client.call('corpus.preview', { spec, model: demoLlama.folder })
    expect(counted.estimate.counted).toBeGreaterThan(100)
    // everything was looked at and counted
    expect(counted.estimate.tokens).toBe(counted.estimate.counted)
    // this model has no tokenizer
    const { estimate } = await client.call('corpus.preview', { spec, model: tinyLlama.folder })
    expect(estimate).toEqual(rough.estimate)
  })

  it.each([
    ['nothing there', {}, '/nowhere', 'corpus/missing'],
    [
      'only binary files',
      { 'a.txt': Buffer.from('89504e470d0a1a0a0000000d49484452'.repeat(40), 'hex') },
      '',
      'corpus/empty',
    ],
    ['no text', { 'a.txt': '' }, '', 'corpus/empty'],
  ])('with %s says so', async (_, files, tail, code) => {
    const { client } = await testHost()
    const path = `${await corpusFolder(files)}${tail}`
    await expect(client.call('corpus.preview', { spec: { path } })).rejects.toMatchObject({
      ...{ kind: 'expected', code },
      hint: expect.any(String) as string,
    })
  })

  it('ends with its call', async () => {
    const { client } = await testHost()
    const path = await corpusFolder({ 'a.txt': 'text '.repeat(1e6) })
    const abort = new AbortController()
    const look = client.call('corpus.preview', { spec: { path } }, { signal: abort.signal })
    abort.abort()
    await expect(look).rejects.toMatchObject({ kind: 'cancelled' })
  })

  it('offers the demo and the Pile with their fields', async () => {
    const { client } = await testHost()
    const presets = await client.call('corpus.presets', undefined)
    expect(presets.map(({ label }) => label)).toEqual(['Demo corpus', 'The Pile, uncopyrighted'])
    const { sample } = await client.call('corpus.preview', { spec: presets[0]!.spec })
    expect(sample.strata).toHaveLength(5)
    expect(sample.languages.map(({ name }) => name)).toEqual(['en', 'es', 'code'])
  })
})

// Tokenizers rebuilt from GGUF files give the ids of the tokenizers they were made from.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import { readGgufHeader } from '../../../../src/main/llama/gguf/header.ts'
import { Metadata } from '../../../../src/main/llama/gguf/metadata.ts'
import { preTokenizers } from '../../../../src/main/llama/gguf/pre-tokenizers.ts'
import { tokenizerOf } from '../../../../src/main/llama/gguf/tokenizer.ts'
import { readVocabulary } from '../../../../src/main/llama/gguf/vocabulary.ts'
import type { Entry } from '../../../helpers/gguf-file.ts'
import { smollmFile } from '../../../helpers/smollm2.ts'
import { smallMetadata, tokens } from '../../../helpers/small-gguf.ts'

interface Case {
  readonly text: string
  readonly ids: readonly number[]
  readonly decoded?: string
}

const golden = join(import.meta.dirname, '../../../golden')
const readJson = <T>(name: string) => JSON.parse(readFileSync(join(golden, name), 'utf8')) as T

describe('a byte-level vocabulary', () => {
  it('with Llama 3’s words: the demo tokenizer’s ids, as far as 512 tokens go', async () => {
    const tokenizer = await rebuilt(join(golden, 'tiny-llama-q8.gguf'))
    const within = readJson<Case[]>('tokenizer-demo.json').filter(({ ids }) => ids.every((id) => id < 512))
    expect(within.length).toBeGreaterThanOrEqual(3)
    for (const { text, ids, decoded } of within) {
      expect(tokenizer.encode(text).ids).toEqual(ids)
      expect(tokenizer.decode([...ids])).toBe(decoded)
    }
  })

  it.skipIf(smollmFile === null)('with single digits: SmolLM2’s ids (needs its GGUF file)', async () => {
    const tokenizer = await rebuilt(smollmFile!)
    for (const { text, ids, decoded } of readJson<Case[]>('tokenizer-smollm2.json')) {
      expect(tokenizer.encode(text).ids).toEqual(ids)
      if (ids.length > 0) expect(tokenizer.decode([...ids])).toBe(decoded)
    }
  })

  it('finds its special tokens, merges, and begins texts when the file says so', () => {
    const changes = { 'tokenizer.ggml.add_bos_token': ['boolean', true] } as const
    const { tokenizer, config } = parsed(changes)
    expect(tokenizer.encode('ab ba<|eot_id|><tool>').ids).toEqual([0, 4, 5, 3, 2, 6, 9])
    expect(tokenizer.encode('ab', { add_special_tokens: false }).ids).toEqual([4])
    expect(tokenizer.decode([0, 4, 5, 9], { skip_special_tokens: true })).toBe('ab <tool>')
    expect(config).toMatchObject({ bos_token: '<|s|>', eos_token: '<|end_of_text|>', add_bos_token: true })
    expect(parsed({}).tokenizer.encode('ab').ids).toEqual([4])
  })

  it('ends texts when the file says so', () => {
    const { tokenizer } = parsed({ 'tokenizer.ggml.add_eos_token': ['boolean', true] })
    expect(tokenizer.encode('ab').ids).toEqual([4, 1])
  })

  it('keeps the chat template', () => {
    expect(parsed({ 'tokenizer.chat_template': ['text', '{{ messages }}'] }).config).toMatchObject({
      chat_template: '{{ messages }}',
    })
    expect(parsed({}).config).not.toHaveProperty('chat_template')
  })

  it('may have a token twice, or an empty one', () => {
    const twice = tokens.with(8, 'ab').with(7, '')
    const { tokenizer } = parsed({ 'tokenizer.ggml.tokens': ['list', 'text', twice] })
    expect(tokenizer.encode('ab').ids).toEqual([4])
    expect(tokenizer.decode([4, 4])).toBe('abab')
  })

  it.each<[string, Record<string, Entry | null>, code: string, message: string]>([
    ['an unknown kind', { 'tokenizer.ggml.model': ['text', 'bert'] }, 'gguf/tokenizer', 'of the kind bert'],
    ['no kind', { 'tokenizer.ggml.model': null }, 'gguf/tokenizer', 'of the kind (none)'],
    [
      'unknown words',
      { 'tokenizer.ggml.pre': ['text', 'klingon'] },
      'gguf/tokenizer',
      'pre-tokenizer klingon is not',
    ],
    ['no tokens', { 'tokenizer.ggml.tokens': null }, 'gguf/metadata', 'has no tokenizer.ggml.tokens'],
    [
      'numbers as tokens',
      { 'tokenizer.ggml.tokens': ['list', 'uint32', [1]] },
      'gguf/metadata',
      'no list of texts',
    ],
    ['no merges', { 'tokenizer.ggml.merges': null }, 'gguf/metadata', 'has no tokenizer.ggml.merges'],
    ['half a merge', { 'tokenizer.ggml.merges': ['list', 'text', ['ab']] }, 'gguf/metadata', 'is no pair'],
    [
      'too many tokens',
      { 'tokenizer.ggml.tokens': ['list', 'text', [...tokens, 'x']] },
      'gguf/metadata',
      '11 tokens',
    ],
    [
      'too few kinds',
      { 'tokenizer.ggml.token_type': ['list', 'int32', [1]] },
      'gguf/metadata',
      '1 entries for 10',
    ],
  ])('with %s is refused', (_what, changes, code, message) => {
    expect(() => parsed(changes)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
    )
  })
})

describe('the cuts of', () => {
  const text = "I'll pay $1234.50,  naïve\n\n日本 don't"
  // as the tokenizers library cuts it, of which the JavaScript one is a translation
  it.each([
    [
      'llama-bpe',
      ['I', "'ll", ' pay', ' $', '123', '4', '.', '50', ',', ' ', ' naïve', '\n\n', '日本', ' don', "'t"],
    ],
    [
      'qwen2',
      [
        'I',
        "'ll",
        ' pay',
        ' $',
        '1',
        '2',
        '3',
        '4',
        '.',
        '5',
        '0',
        ',',
        ' ',
        ' naïve',
        '\n\n',
        '日本',
        ' don',
        "'t",
      ],
    ],
    [
      'gpt-2',
      ['I', "'ll", ' pay', ' $', '1234', '.', '50', ',', ' ', ' naïve', '\n', '\n', '日本', ' don', "'t"],
    ],
    [
      'smollm',
      [
        'I',
        "'ll",
        ' pay',
        ' $',
        '1',
        '2',
        '3',
        '4',
        '.',
        '5',
        '0',
        ',',
        ' ',
        ' naïve',
        '\n',
        '\n',
        '日本',
        ' don',
        "'t",
      ],
    ],
    [
      'tekken',
      [
        'I',
        "'ll",
        ' pay',
        ' $',
        '1',
        '2',
        '3',
        '4',
        '.',
        '5',
        '0',
        ',',
        ' ',
        ' naïve',
        '\n\n',
        '日本',
        ' don',
        "'t",
      ],
    ],
    ['gpt-4o', ["I'll", ' pay', ' $', '123', '4', '.', '50', ',', ' ', ' naïve', '\n\n', '日本', " don't"]],
    [
      'default',
      [
        'I',
        "'",
        'll',
        ' pay',
        ' ',
        '$',
        '123',
        '4',
        '.',
        '50',
        ',',
        ' ',
        ' naïve',
        '\n',
        '\n',
        '日本',
        ' don',
        "'",
        't',
      ],
    ],
    [
      'deepseek-coder',
      [
        'I',
        "'",
        'll',
        ' pay',
        ' $',
        '1',
        '2',
        '3',
        '4',
        '.',
        '5',
        '0',
        ',',
        ' ',
        ' naïve',
        '\n',
        '\n',
        '日本',
        ' don',
        "'",
        't',
      ],
    ],
    [
      'deepseek-v3',
      ['I', "'ll", ' pay', ' $', '123', '4', '.', '50', ',', ' ', ' naïve', '\n\n', '日本', ' don', "'t"],
    ],
  ])('%s', (name, words) => {
    const { steps } = preTokenizers.get(name)!
    const cut = new Tokenizer(byteTokenizer(steps), {})
    const found = (cut.pre_tokenizer as unknown as (text: string) => string[])(text)
    expect(found.map((word) => cut.decoder!([word]))).toEqual(words)
  })
})

describe('a SentencePiece vocabulary', () => {
  const fixture = readJson<{ tokens: string[]; scores: number[]; kinds: number[]; cases: Case[] }>(
    'tokenizer-sentencepiece.json',
  )
  const changes = {
    'tokenizer.ggml.model': ['text', 'llama'],
    'tokenizer.ggml.pre': null,
    'tokenizer.ggml.tokens': ['list', 'text', fixture.tokens],
    'tokenizer.ggml.scores': ['list', 'float32', fixture.scores],
    'tokenizer.ggml.token_type': ['list', 'int32', fixture.kinds],
    'tokenizer.ggml.merges': null,
    'tokenizer.ggml.bos_token_id': ['uint32', 1],
    'tokenizer.ggml.eos_token_id': ['uint32', 2],
    'tokenizer.ggml.unknown_token_id': ['uint32', 0],
  } as const satisfies Record<string, Entry | null>

  it.each(fixture.cases)('gives SentencePiece’s ids for %j', ({ text, ids }) => {
    const { tokenizer } = parsed(changes, fixture.tokens.length)
    expect(tokenizer.encode(text).ids).toEqual(ids)
    // its marker for spaces, written as such, comes back as a space
    if (ids.length > 1) expect(tokenizer.decode(ids.slice(1))).toBe(text.replaceAll('▁', ' '))
  })

  it('puts no space before a text when the file says so', () => {
    const plain = { ...changes, 'tokenizer.ggml.add_space_prefix': ['boolean', false] } as const
    const { tokenizer } = parsed(plain, fixture.tokens.length)
    const { ids } = tokenizer.encode('the end')
    expect(ids[1]).toBe(fixture.tokens.indexOf('t'))
    expect(tokenizer.decode(ids.slice(1))).toBe('the end')
  })

  it('takes the merges a file gives before its scores', () => {
    const given = { ...changes, 'tokenizer.ggml.merges': ['list', 'text', ['▁ t', 'h e']] } as const
    const { tokenizer } = parsed(given, fixture.tokens.length)
    const { ids } = tokenizer.encode('the')
    expect(ids.slice(1).map((id) => fixture.tokens[id])).toEqual(['▁t', 'he'])
  })

  it('may hold a token of a million characters', () => {
    const long = fixture.tokens.with(699, '▁'.repeat(1_000_000))
    const { tokenizer } = parsed({ ...changes, 'tokenizer.ggml.tokens': ['list', 'text', long] }, long.length)
    expect(tokenizer.encode('a').ids).toEqual([1, 264])
  })

  it('without scores is refused', () => {
    expect(() => parsed({ ...changes, 'tokenizer.ggml.scores': null }, fixture.tokens.length)).toThrow(
      expect.objectContaining({
        code: 'gguf/metadata',
        message: expect.stringContaining('has no entries') as string,
      }) as Error,
    )
  })
})

/** The tokenizer of a file's metadata, without the file. */
function parsed(changes: Readonly<Record<string, Entry | null>>, rows = tokens.length) {
  const entries = Object.entries(smallMetadata(changes)).map(
    ([key, entry]) => [key, entry[0] === 'list' ? entry[2] : entry[1]] as const,
  )
  return loaded(new Metadata({ path: 'small.gguf', metadata: new Map(entries), tensors: new Map() }), rows)
}

async function rebuilt(path: string): Promise<Tokenizer> {
  const header = await readGgufHeader(path)
  return loaded(new Metadata(header), header.tensors.get('token_embd.weight')!.shape[0]!).tokenizer
}

function loaded(metadata: Metadata, rows: number) {
  const files = tokenizerOf(metadata, readVocabulary(metadata, rows))
  // as they are read from disk
  const [json, config] = JSON.parse(JSON.stringify([files.tokenizer, files.config])) as [object, object]
  return { tokenizer: new Tokenizer(json, config), config }
}

function byteTokenizer(steps: readonly unknown[]): object {
  return {
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: steps },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    added_tokens: [],
    model: { type: 'BPE', vocab: {}, merges: [] },
  }
}

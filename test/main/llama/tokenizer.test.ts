// Tokenizers beside Hugging Face's own: ids, decoded text, the place of every token, and what they do with odd input.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TokenText } from '../../../src/main/llama/token-text.ts'
import { Tokenizer } from '../../../src/main/llama/tokenizer.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

interface Case {
  readonly text: string
  readonly ids: number[]
  readonly decoded: string
  /** With special tokens shown. */
  readonly all: string
}

const demo = await Tokenizer.open('resources/demo/model')
const demoCases = await golden<Omit<Case, 'all'>[]>('tokenizer-demo.json')
const sentencePiece = await golden<{ name: string; tokenizer: object; cases: Case[] }[]>(
  'tokenizers-sentencepiece.json',
)
const config = { bos_token: '<s>', eos_token: '</s>' }

async function golden<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join('test/golden', name), 'utf8')) as T
}

describe('a byte-level tokenizer', () => {
  it.each(demoCases)('encodes and decodes $text as transformers does', ({ text, ids, decoded }) => {
    expect(demo.encode(text, { special: true }).ids).toEqual(ids)
    expect(demo.decode(ids, { special: true })).toBe(decoded)
  })

  it.each(demoCases)('says where each token of $text lies', ({ text }) => {
    const { ids, spans } = demo.encode(text, { special: false })
    expect(spans).toHaveLength(ids.length)
    let end = 0
    for (const [index, span] of spans.entries()) {
      // a piece of a character has the span of the whole character
      const piece = demo.decode([ids[index] ?? 0], { special: true })
      if (!piece.includes('\uFFFD')) expect(text.slice(span.start, span.end)).toBe(piece)
      expect(span.start).toBeLessThanOrEqual(end)
      end = Math.max(end, span.end)
    }
    expect(end).toBe(text.length)
  })

  it('gives every part of an emoji the span of the emoji, and BOS an empty one', () => {
    const { spans } = demo.encode('a 🙂!', { special: true })
    const places = spans.map(({ start, end }) => [start, end])
    expect(places).toEqual([[0, 0], [0, 1], [1, 2], ...Array.from({ length: 4 }, () => [2, 4]), [4, 5]])
  })

  it('takes added tokens in a text as such, wherever they stand', () => {
    const text = '<|end_of_text|> é<|end_of_text|><|begin_of_text|>'
    const { ids, spans } = demo.encode(text, { special: false })
    const added = spans.filter((_span, index) => demo.isSpecial(ids[index] ?? -1))
    expect(added).toEqual([
      { start: 0, end: 15 },
      { start: 17, end: 32 },
      { start: 32, end: 49 },
    ])
  })

  it('takes half a surrogate pair for U+FFFD without moving what follows', () => {
    const { ids, spans } = demo.encode('a\ud83db', { special: false })
    expect(demo.decode(ids, { special: false })).toBe('a\uFFFDb')
    expect(spans.at(-1)).toEqual({ start: 2, end: 3 })
  })

  it('encodes nothing as nothing, and a million characters', () => {
    expect(demo.encode('', { special: false })).toEqual({ ids: [], spans: [] })
    const long = 'The old sailor 🙂 sang. '.repeat(40_000)
    const { ids, spans } = demo.encode(long, { special: false })
    expect(demo.decode(ids, { special: false })).toBe(long)
    expect(spans.at(-1)?.end).toBe(long.length)
    // one word that nothing splits
    expect(demo.encode('x'.repeat(100_000), { special: false }).ids).toHaveLength(100_000)
  })

  it('puts BOS before a prompt exactly once', () => {
    expect(demo.encodePrompt('The sea').ids.filter((id) => id === demo.bosId)).toHaveLength(1)
    expect(demo.encodePrompt('<|begin_of_text|>The sea').ids).toEqual(demo.encodePrompt('The sea').ids)
    expect(demo.encodePrompt('').ids).toEqual([demo.bosId])
  })

  it('has no bytes for ids beyond its vocabulary', () => {
    expect(demo.bytesOf(999_999)).toHaveLength(0)
    expect(demo.decode([999_999], { special: false })).toBe('')
  })
})

describe.each(sentencePiece)('a SentencePiece vocabulary ($name)', ({ tokenizer, cases }) => {
  const subject = new Tokenizer({ tokenizer, config })

  it.each(cases)('encodes and decodes $text as Hugging Face does', ({ text, ids, decoded, all }) => {
    expect(subject.encode(text, { special: true }).ids).toEqual(ids)
    expect(subject.decode(ids, { special: false })).toBe(decoded)
    expect(subject.decode(ids, { special: true })).toBe(all)
  })

  it('covers the text with spans, bytes of a character sharing one', () => {
    const { ids, spans } = subject.encode('the sea 日🙂', { special: false })
    const pieces = spans.map(({ start, end }) => 'the sea 日🙂'.slice(start, end))
    expect(pieces).toEqual(['the', ' sea', ' ', '日', '日', '日', '🙂', '🙂', '🙂', '🙂'])
    expect(
      ids
        .slice(3)
        .map((id) => [...subject.bytesOf(id)])
        .flat(),
    ).toEqual([...Buffer.from('日🙂')])
  })

  it('keeps the space that continues a text, and drops the one that begins it', () => {
    const { ids } = subject.encode('the sea', { special: false })
    const text = (continues: boolean) => {
      const stream = new TokenText(subject, { special: false, continues })
      return ids.map((id) => stream.push(id)).join('') + stream.end()
    }
    expect(text(false)).toBe('the sea')
    expect(text(true)).toBe(' the sea')
  })
})

describe('text as it streams', () => {
  it('never has half a character, whatever the tokens are', () => {
    const { ids } = demo.encode('naïve 日本語 🙂👩‍👩‍👧!', { special: false })
    const stream = new TokenText(demo, { special: false })
    const parts = [...ids.map((id) => stream.push(id)), stream.end()]
    for (const part of parts) expect(part.isWellFormed() && !part.includes('\uFFFD')).toBe(true)
    expect(parts.join('')).toBe('naïve 日本語 🙂👩‍👩‍👧!')
    expect(parts.filter((part) => part === '').length).toBeGreaterThan(10)
  })

  it('says with U+FFFD that a character was never finished', () => {
    const [first = 0] = demo.encode('🙂', { special: false }).ids
    expect(demo.decode([first], { special: false })).toBe('\uFFFD')
    expect(demo.decode([first, 1, first], { special: true })).toBe('\uFFFD<|end_of_text|>\uFFFD')
  })

  it('keeps a byte order mark, which is text', () => {
    const { ids } = demo.encode('\uFEFFa', { special: false })
    expect(demo.decode(ids, { special: false })).toBe('\uFEFFa')
  })
})

describe('the files of a tokenizer', () => {
  const tokenizer = { ...sentencePiece[0]?.tokenizer, post_processor: null }

  it('may leave BOS and EOS to the configuration', () => {
    const add = { ...config, add_bos_token: true, add_eos_token: true }
    const framed = new Tokenizer({ tokenizer, config: add })
    const bare = new Tokenizer({ tokenizer, config })
    const inner = bare.encode('the sea', { special: true }).ids
    expect(framed.encode('the sea', { special: true }).ids).toEqual([1, ...inner, 2])
    // a prompt is continued, so nothing ends it
    expect(framed.encodePrompt('the sea').ids).toEqual([1, ...inner])
    expect(inner).not.toContain(1)
  })

  it('may forbid the BOS that the post-processor would add', () => {
    const whole = sentencePiece[0]?.tokenizer
    const without = new Tokenizer({ tokenizer: whole, config: { ...config, add_bos_token: false } })
    expect(without.encode('the sea', { special: true }).ids).not.toContain(1)
  })

  it('that are missing or broken are named', async () => {
    const folder = await temporaryFolder()
    await expect(Tokenizer.open(folder)).rejects.toMatchObject({ code: 'tokenizer/missing' })
    await writeFile(join(folder, 'tokenizer.json'), '{')
    await expect(Tokenizer.open(folder)).rejects.toMatchObject({ code: 'tokenizer/invalid' })
    await writeFile(join(folder, 'tokenizer.json'), '{"model": {"type": "Nonsense"}}')
    const error: unknown = await Tokenizer.open(folder).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'tokenizer/invalid' })
    expect(String(error)).toContain(folder)
  })
})

// Sentences, and to which of them tokens belong.
import { expect, it } from 'vitest'
import { Tokenizer } from '../../../src/main/llama/tokenizer.ts'
import { sentenceOfTokens, sentencesOf } from '../../../src/main/tokens/sentences.ts'
import { tokenized } from '../../../src/main/tokens/tokenized-document.ts'
import { demoLlama } from '../../helpers/llama.ts'

const text = 'It rained. Nobody came!  \n\nLa lluvia cesó. 雨が止んだ。人が来た。\u00a0Then all went home.'

it('lie side by side and leave nothing out', () => {
  const sentences = sentencesOf(text)
  const texts = sentences.map(({ start, end }) => text.slice(start, end))
  expect(texts.join('')).toBe(text)
  expect(texts.slice(0, 2)).toEqual(['It rained. ', 'Nobody came!  \n'])
  expect(texts.slice(-3)).toEqual(['雨が止んだ。', '人が来た。\u00a0', 'Then all went home.'])
})

it('have the tokens whose first character that is no space is theirs', async () => {
  const tokenizer = await Tokenizer.open(demoLlama.folder)
  const { spans } = tokenizer.encode(text, { special: false })
  const { sentenceOf, sentences } = tokenized({ text, language: null }, tokenizer)
  for (const [token, { start, end }] of spans.entries()) {
    const own = text.slice(start, end)
    const at = start + Math.max(0, own.search(/\S/))
    const sentence = sentences[sentenceOf[token]!]!
    expect(at >= sentence.start && at < sentence.end, JSON.stringify(own)).toBe(true)
  }
  const begins = spans.findIndex(({ start, end }) => text.slice(start, end).startsWith(' N'))
  expect(sentenceOf[begins]).toBe(1)
})

it('have tokens of spaces alone where those begin', () => {
  const [sentences, tokens] = [
    [
      { start: 0, end: 4 },
      { start: 4, end: 6 },
    ],
    [
      { start: 0, end: 2 },
      { start: 2, end: 4 },
      { start: 3, end: 5 },
    ],
  ]
  expect([...sentenceOfTokens('a.  b.', tokens, sentences)]).toEqual([0, 0, 1])
})

// Tokens to text: tokens that are ASCII by themselves need no decoder, and come to the same wherever they stand.
import { expect, it } from 'vitest'
import { TokenText, type Vocabulary } from '../../../src/main/llama/token-text.ts'

const pieces = [' pain', '€', 'x', '<s>', ''].map((text) => Buffer.from(text))
const [pain, euro, x, special] = [0, 1, 2, 3]
/** The three bytes of "€", a token each; two of them by themselves are no text. */
const [first, second, third] = [5, 6, 7]
const bytes = [...pieces, ...[0xe2, 0x82, 0xac].map((byte) => Buffer.of(byte))]

const slow: Vocabulary = {
  bytesOf: (id) => bytes[id]!,
  isSpecial: (id) => id === special,
  beginsWithSpace: true,
}
const fast: Vocabulary = {
  ...slow,
  asciiOf: (id) => (bytes[id]!.every((byte) => byte < 0x80) ? bytes[id]!.toString('latin1') : null),
}

it.each([
  [[pain, euro, x], 'pain€x'],
  [[pain, first, second, third, pain], 'pain€ pain'],
  // characters that are broken off, by a letter, by a special token and by the end
  [[x, first, x, second, x], 'x\ufffdx\ufffdx'],
  [[x, first, special, x], 'x\ufffd<s>x'],
  [[x, 4, first, 4, second, 4, third, x, first], 'x€x\ufffd'],
])('%j is %j', (ids, text) => {
  for (const continues of [false, true]) {
    const [a, b] = [slow, fast].map((vocabulary) => {
      const tokens = new TokenText(vocabulary, { special: true, continues })
      return [...ids.map((id) => tokens.push(id)), tokens.end()]
    })
    expect(b).toEqual(a)
    expect(b!.join('').trimStart()).toBe(text)
  }
})

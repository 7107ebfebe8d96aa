// What of a text counts as fluent.
import { describe, expect, it } from 'vitest'
import { distinctShare, isFluent, repeatedShare, wordsOf } from '../../../src/main/steering/fluency.ts'

describe('fluency', () => {
  it('is counted by words', () => {
    expect(wordsOf('Año nuevo: x_1 = f(2)!')).toEqual(['año', 'nuevo', 'x_1', 'f', '2'])
    expect(distinctShare(wordsOf('a b a b'))).toBe(0.5)
    expect(distinctShare([])).toBe(0)
    expect(repeatedShare(wordsOf('one two three four five'))).toBe(0)
    expect(repeatedShare(wordsOf('a b c d a b c d'))).toBe(1 / 5)
    expect(isFluent(wordsOf('a b c d a b c d'))).toBe(false)
    expect(isFluent(wordsOf('a b c d e'))).toBe(true)
    expect(isFluent(wordsOf('!!!'))).toBe(false)
  })
})

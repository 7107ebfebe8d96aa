// Parts of texts around a place: whole words where one ends near, whole characters always.
import { describe, expect, it } from 'vitest'
import { excerptAround } from '../../../src/main/activations/excerpt.ts'

const cut = (text: string, start: number, end: number, around: number) => {
  const excerpt = excerptAround(text, start, end, around)
  return text.slice(excerpt.start, excerpt.end)
}

describe('an excerpt', () => {
  it('is all of a short text, and whole words of a long one', () => {
    expect(cut('a short text', 2, 7, 100)).toBe('a short text')
    const text = 'one two three four five six seven eight nine ten'
    const at = text.indexOf('five')
    expect(cut(text, at, at + 4, 12)).toBe('three four five six seven')
  })

  it('cuts no character in two, and shows the beginning of what is longer than it', () => {
    const faces = '😀'.repeat(100)
    for (const around of [1, 2, 3, 4, 5]) {
      const shown = cut(faces, 100, 102, around)
      expect(shown.isWellFormed()).toBe(true)
      expect(shown.length).toBeGreaterThanOrEqual(2)
    }
    expect(cut('x'.repeat(1_000), 0, 1_000, 10)).toBe('x'.repeat(30))
  })
})

// Two texts side by side: where they part, and what they share behind that.
import { expect, it } from 'vitest'
import { tokenDiff } from '../../../src/renderer/pages/steering/token-diff.ts'

/** A token for each letter. */
const ids = (text: string) => Array.from(text, (letter) => letter.codePointAt(0)!)
const marks = (a: string, b: string) => {
  const { leaves, common } = tokenDiff(ids(a), ids(b))
  return { leaves, a: common[0].join(''), b: common[1].join('') }
}

it('is silent while one text is the beginning of the other', () => {
  expect(marks('abc', 'abc')).toEqual({ leaves: null, a: '111', b: '111' })
  expect(marks('abcde', 'abc')).toEqual({ leaves: null, a: '11100', b: '111' })
  expect(marks('', 'abc')).toEqual({ leaves: null, a: '', b: '000' })
})

it('tells the first token that is another', () => {
  expect(marks('abcd', 'abxy')).toEqual({ leaves: 2, a: '1100', b: '1100' })
  expect(marks('xbc', 'ybc').leaves).toBe(0)
})

it('finds what both say again, and no single tokens', () => {
  expect(marks('ab-the end', 'ab+++the end')).toEqual({
    ...{ leaves: 2, a: '1101111111', b: '110001111111' },
  })
  expect(marks('a1b2c3', 'axbyczd')).toEqual({ leaves: 1, a: '100000', b: '1000000' })
})

it('goes through long texts in little time', () => {
  const long = Array.from({ length: 1_500 }, (_, at) => (at * 7919) % 500)
  const other = long.map((id, at) => (at % 10 === 9 ? 1_000 : id))
  const begun = performance.now()
  const { leaves, common } = tokenDiff(long, other)
  expect(leaves).toBe(9)
  expect(common[1].reduce((sum, one) => sum + one, 0)).toBe(1_350)
  expect(performance.now() - begun).toBeLessThan(1_000)
  // too many pairs: only the beginning is looked at
  const huge = Array.from({ length: 3_000 }, (_, at) => at)
  expect(tokenDiff(huge, [...huge.slice(0, 5), 9_999, ...huge.slice(5)]).leaves).toBe(5)
})

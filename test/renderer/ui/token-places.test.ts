// Which token a key leads to: the ends hold, and where none was come to yet the arrows begin at theirs.
import { describe, expect, it } from 'vitest'
import { placeByKey } from '../../../src/renderer/ui/token-places.ts'

describe('a key', () => {
  it('leads to a place beside, or to an end', () => {
    expect(placeByKey('ArrowRight', 3, 9)).toBe(4)
    expect(placeByKey('ArrowLeft', 3, 9)).toBe(2)
    expect(placeByKey('Home', 3, 9)).toBe(0)
    expect(placeByKey('End', 3, 9)).toBe(8)
  })

  it('leads nowhere beyond the ends, where there are no tokens, or when it is another', () => {
    expect(placeByKey('ArrowRight', 8, 9)).toBe(8)
    expect(placeByKey('ArrowLeft', 0, 9)).toBe(0)
    expect(placeByKey('End', 0, 0)).toBeUndefined()
    expect(placeByKey('a', 3, 9)).toBeUndefined()
  })

  it('begins at the end it leads away from', () => {
    expect(['ArrowRight', 'ArrowLeft', 'Home', 'End'].map((key) => placeByKey(key, null, 9))).toEqual([
      0, 8, 0, 8,
    ])
  })
})

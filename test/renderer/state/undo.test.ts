// Taking changes back: in order, a movement as one, and never what is not there.
import { describe, expect, it } from 'vitest'
import { changedTo, redone, undoOf, undone } from '../../../src/renderer/state/undo.ts'

describe('changes that can be taken back', () => {
  it('go back and forth step by step', () => {
    const two = changedTo(changedTo(undoOf('a'), 'b'), 'c')
    expect(undone(two).now).toBe('b')
    expect(undone(undone(two)).now).toBe('a')
    expect(redone(undone(undone(two))).now).toBe('b')
    expect(redone(redone(undone(undone(two)))).now).toBe('c')
  })

  it('are left as they are at both ends', () => {
    const begun = undoOf('a')
    expect(undone(begun)).toBe(begun)
    expect(redone(begun)).toBe(begun)
  })

  it('are one step while one movement goes on', () => {
    let undo = changedTo(undoOf(0), 1, 'drag 7')
    for (const value of [2, 3, 4]) undo = changedTo(undo, value, 'drag 7')
    expect(undo.now).toBe(4)
    expect(undone(undo).now).toBe(0)
    // another slider is another movement, and so is the same one after something else
    const other = changedTo(changedTo(undo, 9, 'drag 8'), 5, 'drag 7')
    expect([undone(other).now, undone(undone(other)).now]).toEqual([9, 4])
    expect(undone(changedTo(undone(undo), 6, 'drag 7')).now).toBe(0)
  })

  it('are no longer there once something else was done', () => {
    expect(redone(changedTo(undone(changedTo(undoOf('a'), 'b')), 'c')).now).toBe('c')
  })

  it('are kept up to a number of them', () => {
    let undo = undoOf(0)
    for (let value = 1; value <= 1_000; value++) undo = changedTo(undo, value)
    expect(undo.past).toHaveLength(200)
    expect(undone(undo).now).toBe(999)
  })
})

// Scrubbing shows what is there: the finished text nearest to the thumb.
import { expect, it } from 'vitest'
import { nearestFinished } from '../../../src/renderer/state/scrub.ts'

const strengths = [-2, -1, 0, 1, 2]
const all = [true, true, true, true, true]

it('is the nearest of the finished ones', () => {
  expect(nearestFinished(strengths, all, 0.9)).toBe(3)
  expect(nearestFinished(strengths, all, -7)).toBe(0)
  expect(nearestFinished(strengths, [true, true, true, false, true], 0.9)).toBe(2)
})

it('is the weaker one in the middle between two', () => {
  expect(nearestFinished(strengths, all, 1.5)).toBe(3)
  expect(nearestFinished(strengths, all, -1.5)).toBe(1)
})

it('is none while none is finished', () => {
  expect(nearestFinished(strengths, [false, false, false], 0)).toBeNull()
  expect(nearestFinished([], [], 0)).toBeNull()
})

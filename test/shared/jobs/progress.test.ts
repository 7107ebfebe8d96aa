// Progress keeps its invariants: never decreases, never exceeds, ends at 100 %.
import { describe, expect, it } from 'vitest'
import { advance, fractionOf, type Progress } from '../../../src/shared/jobs/progress.ts'
import { isResumable, jobStateSchema, mayFollow } from '../../../src/shared/jobs/state.ts'

const working = (done: number, total: number, stepIndex = 0, stepCount = 2): Progress => ({
  phase: 'working',
  step: 'Hashing',
  stepIndex,
  stepCount,
  unit: 'bytes',
  done,
  total,
  perSecond: null,
  secondsLeft: null,
})
const measuring = (found: number): Progress => ({
  phase: 'measuring',
  step: 'Counting',
  unit: 'files',
  found,
})

describe('progress', () => {
  it('is a share of all steps', () => {
    expect(fractionOf({ phase: 'waiting' })).toBe(0)
    expect(fractionOf(measuring(3))).toBeNull()
    expect(fractionOf(working(1, 2))).toBe(0.25)
    expect(fractionOf(working(1, 2, 1))).toBe(0.75)
    expect(fractionOf(working(0, 0, 1))).toBe(1)
    expect(fractionOf({ phase: 'finished' })).toBe(1)
  })

  it('goes from waiting over measuring and each step to finished', () => {
    const course = [
      measuring(1),
      measuring(5),
      working(0, 4),
      working(4, 4),
      working(0, 2, 1),
      working(2, 2, 1),
    ]
    let current: Progress = { phase: 'waiting' }
    for (const next of [...course, { phase: 'finished' } as const]) current = advance(current, next)
    expect(current.phase).toBe('finished')
  })

  it.each<[string, Progress, Progress]>([
    ['decreases', working(3, 4), working(2, 4)],
    ['goes back a step', working(1, 4, 1), working(4, 4, 0)],
    ['exceeds its total', working(0, 4), working(5, 4)],
    ['names a step too many', working(0, 4), working(0, 4, 2)],
    ['finds less', measuring(5), measuring(4)],
    ['measures again', working(0, 4), measuring(9)],
    ['finishes early', working(1, 4, 1), { phase: 'finished' }],
    ['goes on after the end', { phase: 'finished' }, working(0, 4)],
    ['goes back to waiting', working(0, 4), { phase: 'waiting' }],
  ])('throws when it %s', (_how, before, after) => {
    expect(() => advance(before, after)).toThrow()
  })
})

describe('job states', () => {
  it('let every state but done be left, and done by nothing', () => {
    for (const state of jobStateSchema.options) {
      const left = jobStateSchema.options.some((next) => mayFollow(state, next))
      expect(left).toBe(state !== 'done')
    }
  })

  it('are resumable when they stopped before the end', () => {
    expect(jobStateSchema.options.filter(isResumable)).toEqual([
      'paused',
      'interrupted',
      'failed',
      'cancelled',
    ])
  })
})

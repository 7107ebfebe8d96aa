// A log is shown in one piece: lines once, in order, and never with a hole in it.
import { describe, expect, it } from 'vitest'
import { joinLines } from '../../../src/renderer/pages/jobs/log-lines.ts'
import type { LogLine } from '../../../src/shared/jobs/job.ts'

const lines = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from + 1 }, (_none, index) => ({
    ...{ seq: from + index, at: 0, level: 'info' as const },
    text: `line ${from + index}`,
  }))

describe('older and recent lines', () => {
  it('that meet or overlap are one log', () => {
    expect(joinLines(lines(1, 10), lines(11, 20))).toEqual(lines(1, 20))
    expect(joinLines(lines(1, 15), lines(11, 20))).toEqual(lines(1, 20))
    expect(joinLines([], lines(11, 20))).toEqual(lines(11, 20))
    expect(joinLines(lines(1, 10), [])).toEqual([])
  })

  it('with a hole between them are the recent ones alone, so that the rest can be loaded again', () => {
    expect(joinLines(lines(1, 10), lines(12, 20))).toEqual(lines(12, 20))
  })
})

// How far the demo is, in steps and in time.
import { describe, expect, it } from 'vitest'
import {
  type Demo,
  demoPlace,
  demoProgress,
  demoStep,
  demoSteps,
  demoTasks,
  noDemo,
} from '../../src/shared/demo.ts'
import type { Progress } from '../../src/shared/jobs/progress.ts'

const after = (count: number, seconds = 10): Demo => ({
  ...noDemo,
  state: 'running',
  finished: demoTasks.slice(0, count).map((task) => ({ task, job: null, seconds, figures: {} })),
})
const working = (done: number, secondsLeft: number | null, stepCount = 1): { progress: Progress } => ({
  progress: {
    ...{ phase: 'working', step: 'Training', stepIndex: 0, stepCount, unit: 'rows', perSecond: null },
    ...{ done, total: 100, secondsLeft },
  },
})

describe('how far the demo is', () => {
  it('is told by steps, of which each task belongs to one', () => {
    expect(demoSteps.flatMap(({ tasks }) => tasks)).toEqual(demoTasks)
    expect(demoTasks.map((_, count) => demoStep(after(count)).number)).toEqual([1, 2, 3, 3, 4, 5, 6])
    expect(demoStep(after(demoTasks.length)).number).toBe(demoSteps.length)
  })

  it('leads to the page of what is under way, once there is one', () => {
    const made = { sae: 's' }
    const places = demoTasks.map((_, count) => demoPlace({ ...after(count), job: 'j', made }))
    expect(places).toEqual([
      '/models',
      '/activations/j',
      '/sae/j',
      '/sae/s',
      '/features',
      '/steering',
      '/report',
    ])
    expect(demoPlace(after(1))).toBe('/activations')
  })

  it('never goes back, and ends at all of it with nothing left', () => {
    const told = demoTasks.flatMap((_, count) =>
      [0, 50, 100].map((done) => demoProgress(after(count), working(done, null)).fraction),
    )
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(demoProgress(after(demoTasks.length), undefined)).toEqual({ fraction: 1, secondsLeft: 0 })
  })

  it('takes the time of a job from itself, and that of what follows by how long the rest took', () => {
    const slow = demoProgress(after(2, 100), undefined).secondsLeft
    const fast = demoProgress(after(2, 5), undefined).secondsLeft
    expect(slow).toBeGreaterThan(5 * fast)
    const [longer, shorter] = [60, 20].map((left) => demoProgress(after(2), working(50, left)).secondsLeft)
    expect(longer! - shorter!).toBeCloseTo(40)
    // of one step of several it says nothing of the whole job
    const of = (left: number | null) => demoProgress(after(4), working(50, left, 7)).secondsLeft
    expect(of(1)).toBe(of(null))
  })
})

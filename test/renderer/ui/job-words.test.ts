// A job in words: what is known is said, what is not is left out.
import { describe, expect, it } from 'vitest'
import {
  amountWords,
  elapsedWords,
  leftWords,
  progressWords,
  rateWords,
} from '../../../src/renderer/ui/job-words.ts'
import type { Progress } from '../../../src/shared/jobs/progress.ts'

const working: Progress = {
  phase: 'working',
  ...{ step: 'Hashing', stepIndex: 0, stepCount: 1, unit: 'bytes' },
  ...{ done: 2.29e9, total: 5.03e9, perSecond: 569e6, secondsLeft: 4.8 },
}

describe('progress in words', () => {
  it('names step, amount, rate and time left while it runs', () => {
    expect(progressWords({ state: 'running', progress: working })).toBe(
      'Hashing · 2.29 GB of 5.03 GB · 569 MB/s · 4.8 s left',
    )
  })

  it('has no rate and no time left once it stopped', () => {
    const words = 'Hashing · 2.29 GB of 5.03 GB'
    expect(progressWords({ state: 'paused', progress: working })).toBe(words)
    expect(progressWords({ state: 'interrupted', progress: working })).toBe(words)
  })

  it('leaves out what is not known yet', () => {
    const unknown: Progress = { ...working, perSecond: null, secondsLeft: null }
    expect(progressWords({ state: 'running', progress: unknown })).toBe('Hashing · 2.29 GB of 5.03 GB')
    expect([rateWords(unknown), leftWords(unknown)]).toEqual(['', ''])
  })

  it('counts while the size is unknown, and says waiting and finished', () => {
    const measuring: Progress = { phase: 'measuring', step: 'Counting', unit: 'files', found: 1906 }
    expect(amountWords(measuring)).toBe('Counting · 1,906 files so far')
    expect(amountWords({ phase: 'waiting' })).toBe('Waiting')
    expect(amountWords({ phase: 'finished' })).toBe('Finished')
  })
})

describe('elapsed time', () => {
  it('runs until the end, from the first start', () => {
    expect(elapsedWords({ startedAt: 1_000, endedAt: null }, 66_000)).toBe('1 min 5 s')
    expect(elapsedWords({ startedAt: 1_000, endedAt: 13_000 }, 66_000)).toBe('12 s')
  })

  it('is nothing before the start, and never negative', () => {
    expect(elapsedWords({ startedAt: null, endedAt: null }, 5_000)).toBe('')
    expect(elapsedWords({ startedAt: 6_000, endedAt: null }, 5_000)).toBe('0 s')
  })
})

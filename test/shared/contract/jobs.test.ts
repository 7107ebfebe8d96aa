// How the list of jobs follows their changes.
import { describe, expect, it } from 'vitest'
import { jobsContract } from '../../../src/shared/contract/jobs.ts'
import { jobNamed } from '../../helpers/jobs.ts'

describe('the watched jobs', () => {
  const { apply } = jobsContract['jobs.watch']
  const job = (createdAt: number) => ({ ...jobNamed(`j${createdAt}`), createdAt })
  const put = (createdAt: number) => ({ type: 'put' as const, job: job(createdAt) })

  it.each([
    ['a new one comes first', 9, [9, 7, 5]],
    ['one older than all of them comes last', 2, [7, 5, 2]],
    ['one between them at its place', 6, [7, 6, 5]],
    ['a known one stays where it is', 5, [7, 5]],
  ])('%s', (_what, createdAt, after) => {
    expect(apply([job(7), job(5)], put(createdAt)).map((one) => one.createdAt)).toEqual(after)
  })
})

// Where the tour takes up a person who has gone on with its buttons, or without them.
import { describe, expect, it } from 'vitest'
import { tourAfter, tourSteps } from '../../../src/renderer/app/tour-steps.ts'

const at = (path: string, search: Record<string, unknown> = {}) => ({ path, search })

describe('the tour', () => {
  it('goes on with what a person does, and stays where that is not yet done', () => {
    expect(tourAfter(0, at('/jobs'))).toBe(0)
    expect(tourAfter(0, at('/features'))).toBe(0)
    expect(tourAfter(0, at('/features', { q: 'pain' }))).toBe(1)
    expect(tourAfter(1, at('/features', { q: 'pain', feature: 7 }))).toBe(2)
    // where there is no room beside the table a feature has a page of its own
    expect(tourAfter(1, at('/features/sae/harvest/7'))).toBe(2)
    expect(tourAfter(2, at('/steering', { sae: 's', feature: 7 }))).toBe(2)
    expect(tourAfter(2, at('/report'))).toBe(3)
  })

  it('meets whoever steers by a feature without having searched, and never goes back', () => {
    expect(tourAfter(0, at('/steering', { sae: 's', feature: 7 }))).toBe(2)
    expect(tourAfter(2, at('/jobs'))).toBe(2)
    expect(tourAfter(tourSteps.length - 1, at('/features', { q: 'x' }))).toBe(tourSteps.length - 1)
  })
})

// Exponentials by table and series, beside those of the language.
import { describe, expect, it } from 'vitest'
import { exponential, NOTHING, PLACES, placeOf } from '../../../src/main/llama/exponentials.ts'

describe('an exponential', () => {
  it('is that of the language to 13 digits, also just above 0', () => {
    let worst = 0
    // 1e-7 is what rounding to float32 leaves above 0; a step that no power of two divides meets every part of a place
    for (let exponent = 1e-7; exponent > NOTHING; exponent -= 0.000_37) {
      worst = Math.max(worst, Math.abs(exponential(exponent) / Math.exp(exponent) - 1))
    }
    expect(worst).toBeLessThan(1e-13)
    expect(exponential(0)).toBe(1)
  })

  it('has a place in the table down to the last', () => {
    expect(placeOf(0)).toBe(0)
    expect(placeOf(-1)).toBe(64)
    expect(placeOf(NOTHING + 1e-9)).toBe(PLACES - 2)
    expect(placeOf(NOTHING)).toBe(PLACES - 1)
  })
})

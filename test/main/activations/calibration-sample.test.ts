// Contexts for a calibration: spread over all there are, and of each stratum as many as the sample has of it.
import { describe, expect, test } from 'vitest'
import { drawEvenly, drawFromSpecimens } from '../../../src/main/activations/calibration-sample.ts'
import { Tokenizer } from '../../../src/main/llama/tokenizer.ts'
import { demoLlama } from '../../helpers/llama.ts'

test('are drawn one from each part, by the seed', () => {
  const all = Array.from({ length: 1_000 }, (_, index) => index)
  const drawn = drawEvenly(all, 64, 3)
  expect(drawn).toHaveLength(64)
  for (const [turn, index] of drawn.entries()) {
    expect(index).toBeGreaterThanOrEqual(Math.floor((turn * 1_000) / 64))
    expect(index).toBeLessThanOrEqual(((turn + 1) * 1_000) / 64)
  }
  expect(drawEvenly(all, 64, 3)).toEqual(drawn)
  expect(drawEvenly(all, 64, 4)).not.toEqual(drawn)
  expect(drawEvenly([1, 2], 64, 3)).toEqual([1, 2])
})

describe('of documents that stand for strata', () => {
  const specimen = (ordinal: number, stratum: string, words: number) => ({
    ...{ ordinal, stratum, key: ordinal, language: null },
    text: `${stratum} `.repeat(words),
  })
  const share = (name: string, chosen: number) => ({ name, chosen, documents: 1, available: 1, wanted: 1 })

  test('are shared like the sample, one of each document first', async () => {
    const tokenizer = await Tokenizer.open(demoLlama.folder)
    const specimens = [
      ...Array.from({ length: 4 }, (_, index) => specimen(index, 'one', 500)),
      ...[specimen(10, 'two', 500), specimen(11, 'two', 3)],
    ]
    const strata = [share('one', 300), share('two', 100)]
    const draw = (seed: number) =>
      drawFromSpecimens(specimens, strata, { count: 16, seed, length: 8, tokenizer }).map((ids) =>
        tokenizer.decode(Array.from(ids), { special: false }),
      )
    const texts = draw(0)
    expect(texts.map((text) => /one|two/.exec(text)?.[0])).toEqual([
      ...Array<string>(12).fill('one'),
      ...Array<string>(4).fill('two'),
    ])
    expect(draw(0)).toEqual(texts)
    // a stratum without enough text gives what it has
    const short = drawFromSpecimens([specimen(1, 'one', 3)], [share('one', 1)], {
      ...{ count: 16, seed: 0, length: 8, tokenizer },
    })
    expect(short).toHaveLength(1)
  })
})
